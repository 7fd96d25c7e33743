import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { assignPorts, parsePublish, probePorts, setUp } from '../../../src/network'
import { nothing, useCleanHost } from './clean-host'
import { useClosing } from './host'

const host = useCleanHost()
const { kernel, home, request, leftovers } = host
const closing = useClosing()

describe('a busy port', () => {
  const portOf = async (): Promise<[number, () => void]> => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    return [(server.address() as { port: number }).port, () => server.close()]
  }

  test('is named with the process that holds it, and nothing is left', async () => {
    const [port, close] = await portOf()
    closing(close)
    const failure = setUp(home, request(host.owner(), `${port}:80`))
    await expect(failure).rejects.toThrow(
      new RegExp(
        `^cannot publish 0\\.0\\.0\\.0:${port}/tcp: address already in use \\(held by process ${process.pid}, .+\\): choose another host port or stop it$`,
      ),
    )
    expect(leftovers()).toEqual(nothing)
  })

  test('is named with the container that holds it', async () => {
    const owner = host.owner()
    await setUp(home, request(owner, '127.0.0.1:18080-18082:80-82'))
    await expect(setUp(home, request(host.owner(), '18081:80'))).rejects.toMatchObject({
      code: 'in-use',
      message: expect.stringContaining(`(held by container name-${owner.slice(0, 8)})`),
    })
    probePorts(home, assignPorts(kernel, parsePublish(['127.0.0.2:18081:80', '18083:80', '18081:80/udp'])))
  })

  test('is never drawn', async () => {
    const ports = assignPorts(kernel, parsePublish(['80', '81/udp', '90-94']))
    expect(new Set(ports.map(({ hostPort }) => hostPort)).size).toBe(3)
    expect(ports.every(({ hostPort, range }) => hostPort >= 1024 && hostPort + range <= 65536)).toBe(true)
    probePorts(home, ports)
  })

  test('that may not be used is an error of its own', () => {
    const ports = assignPorts(kernel, parsePublish(['203.0.113.9:80:80']))
    expect(() => probePorts(home, ports)).toThrow(
      'cannot publish 203.0.113.9:80/tcp: cannot assign requested address',
    )
  })
})
