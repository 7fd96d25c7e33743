// The demo's web server: says which host it runs on and who asks.
const http = require('node:http')
const os = require('node:os')

const server = http.createServer((request, response) => {
  response.end(`hello from ${os.hostname()}, PID ${process.pid}, asked by ${request.socket.remoteAddress}\n`)
})
server.listen(80, '0.0.0.0')
process.on('SIGTERM', () => process.exit(0))
