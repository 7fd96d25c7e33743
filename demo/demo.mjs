// npm run demo: two containers that share one network, made from programs of this host, and nothing left behind.
import { readdirSync, readlinkSync } from 'node:fs'
import { get } from 'node:http'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pc } from './colors.mjs'
import { Stage } from './stage.mjs'

const HERE = dirname(fileURLToPath(import.meta.url))
const KINDS = ['net', 'uts', 'ipc', 'pid', 'mnt', 'user']

/** 8080 where it is free, else one that is. */
function hostPort(wanted = 8080) {
  const server = createServer()
  return new Promise((resolve) => {
    server.on('error', () => resolve(hostPort(0)))
    server.listen(wanted, () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

const fetchText = (url) =>
  new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: 2000 }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece) => {
        text += piece
      })
      response.on('end', () => resolve(text))
    })
    request.on('timeout', () => request.destroy(new Error('no answer')))
    request.on('error', reject)
  })

/** Shows a request to the host's side of the published port, by Node, as this host may have no curl. */
async function show(stage, url) {
  for (let tries = 50; ; tries--) {
    try {
      return stage.show(`curl ${url}`, await fetchText(url))
    } catch (error) {
      if (tries === 0) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

const isRoot = process.getuid() === 0

const namespaces = (folder) => {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** The namespaces of some processes side by side; those that the host has too are dim. */
function table(processes) {
  const width = 12
  const cell = (text, paint = (word) => word) => paint(text.padEnd(width))
  console.log(`  ${cell('')}${KINDS.map((kind) => cell(kind)).join('')}`)
  for (const [name, pid] of processes) {
    const cells = KINDS.map((kind) => {
      const inode = readlinkSync(`/proc/${pid}/ns/${kind}`)
      const isHosts = inode === readlinkSync(`/proc/self/ns/${kind}`)
      return cell(inode.replace(/\D/g, ''), isHosts ? pc.dim : kind === 'net' ? pc.green : undefined)
    })
    console.log(`  ${cell(name)}${cells.join('')}`)
  }
}

async function play(stage) {
  // an ordinary user's namespaces are pinned among his own files
  const pins = isRoot ? '/run/netns' : `${stage.folder}/run/netns`
  const before = namespaces(pins)
  const port = await hostPort()

  stage.say('An image from programs of this host, with Node and the libraries they load. No download.')
  await stage.tspod('image', 'from-host', '--quiet', '--cmd', '["node", "/srv/web.js"]', 'web')
  await stage.tspod('images')

  stage.say(`A pod that shares the network, with port ${port} of the host leading to its port 80.`)
  await stage.tspod('pod', 'create', '--name', 'netshared', '--share', 'net', '-p', `${port}:80`)
  await stage.tspod(
    'run',
    '--pod',
    'netshared',
    '--rm',
    '-d',
    '--name',
    'net1',
    '-v',
    `${HERE}:/srv:ro`,
    'web',
  )
  await stage.tspod('run', '--pod', 'netshared', '--rm', '-d', '--name', 'net2', 'web', 'sleep', '1000')
  await stage.tspod(
    'container',
    'ls',
    '-a',
    '--format',
    'table {{.Names}}\\t{{.Command}}\\t{{.Status}}\\t{{.Ports}}',
  )

  stage.say(
    'The infra container holds the network: all that it has, the pod has. (An ordinary user has no address.)',
  )
  const infra = await stage.ask('pod', 'inspect', '-f', '{{.InfraContainerID}}', 'netshared')
  const address = await stage.tspod('inspect', '-f', '{{.NetworkSettings.IPAddress}}', infra.slice(0, 12))
  stage.show(
    `ls ${pins}`,
    namespaces(pins)
      .filter((name) => !before.includes(name))
      .join('\n'),
  )

  stage.say('The host reaches net1 by the published port, and by the address of the pod where it has one.')
  await show(stage, `http://localhost:${port}`)
  if (address) await show(stage, `http://${address}`)

  stage.say('net2 reaches it on localhost: the two have one network, and everything else for themselves.')
  const ask = 'require("http").get("http://localhost", (r) => r.pipe(process.stdout))'
  await stage.tspod('exec', 'net2', 'node', '-e', ask)
  await stage.tspod('exec', 'net1', 'uname', '-n')
  await stage.tspod('exec', 'net2', 'uname', '-n')

  stage.say('So says the kernel. Green: the shared network. Dim: the namespace of the host.')
  const processes = []
  for (const name of [infra.slice(0, 12), 'net1', 'net2']) {
    const pid = await stage.tspod('inspect', '-f', '{{.State.Pid}}', name)
    processes.push([name === 'net1' || name === 'net2' ? name : 'infra', pid])
  }
  stage.show('readlink /proc/PID/ns/*', '')
  table([...processes, ['this host', 'self']])

  stage.say('And away with it.')
  await stage.tspod('pod', 'rm', '--force', '--time', '1', 'netshared')
  await stage.close()
  const left = namespaces(pins).filter((name) => !before.includes(name))
  stage.show(`ls ${pins}`, left.join('\n'))
  console.log(pc.dim('  (nothing new)'))
}

const stage = new Stage()
try {
  await play(stage)
} catch (error) {
  console.error(`\n${pc.red(error.message)}`)
  process.exitCode = 1
} finally {
  await stage.close()
}
