import { describe, expect, it } from 'vitest'
import { configFromChanges } from '../../../src/image/changes'
import { goJson } from '../../../src/image/go-json'

// What Podman 4.3.1 made of the same instructions.
describe('instructions', () => {
  it.for([
    [['CMD ["/bin/sh"]'], '{"Cmd":["/bin/sh"]}'],
    [['CMD echo hi'], '{"Cmd":["/bin/sh","-c","echo hi"]}'],
    [['CMD='], '{"Cmd":["/bin/sh","-c"]}'],
    [['cmd ["a",1]'], '{"Cmd":["/bin/sh","-c","[\\"a\\",1]"]}'],
    [['ENTRYPOINT '], '{}'],
    [['ENTRYPOINT ["/x", "y"]', 'CMD []'], '{"Entrypoint":["/x","y"]}'],
    [['ENV A=b C="d e"'], '{"Env":["A=b C=\\"d e\\""]}'],
    [['ENV A="b"', 'ENV c'], '{"Env":["A=b","c="]}'],
    [['EXPOSE 80', 'EXPOSE=53/UDP'], '{"ExposedPorts":{"53/udp":{},"80/tcp":{}}}'],
    [['LABEL a=b c=d'], '{"Labels":{"a":"b c=d"}}'],
    [['LABEL "z"="1"', 'LABEL a=2'], '{"Labels":{"a":"2","z":"1"}}'],
    [['STOPSIGNAL SIGTERM'], '{"StopSignal":"15"}'],
    [['STOPSIGNAL rtmin+3'], '{"StopSignal":"37"}'],
    [['USER 1000:1000'], '{"User":"1000:1000"}'],
    [['VOLUME a b', 'VOLUME ["x"]'], '{"Volumes":{"a":{},"b":{},"x":{}}}'],
    [['WORKDIR a', 'WORKDIR b', 'WORKDIR /c/'], '{"WorkingDir":"a/b/c"}'],
  ] as const)('%j', ([changes, config]) => {
    expect(goJson(configFromChanges(changes))).toBe(config)
  })

  it.for([
    ['x', 'must be formatted as KEY VALUE'],
    ['FOO bar', 'invalid instruction FOO'],
    ['EXPOSE=foo', 'EXPOSE port must be an integer: strconv.Atoi: parsing "foo": invalid syntax'],
    ['EXPOSE=70000', 'EXPOSE port must be a valid port number'],
    ['EXPOSE 1/2/3', 'EXPOSE port must be formatted as PORT[/PROTO]'],
    ['EXPOSE 1/sctp', 'EXPOSE protocol must be TCP or UDP'],
    ['STOPSIGNAL=foo', 'KILLSIGNAL must be given a valid signal: invalid signal: foo'],
    ['LABEL=x', 'LABEL must be formatted key=value'],
    ['LABEL =x', 'LABEL must have a non-empty key'],
    ['ENV ', 'ENV must have at least one argument'],
    ['USER ', 'must provide a value to USER'],
    ['VOLUME []', 'must provide at least one argument to VOLUME'],
    ['VOLUME a  b', 'VOLUME paths must not be empty'],
    ['WORKDIR ', 'must provide a non-empty WORKDIR'],
    ['ONBUILD ', 'ONBUILD must be given an argument'],
  ] as const)('%j is refused', ([change, problem]) => {
    expect(() => configFromChanges([change])).toThrow(`invalid change ${JSON.stringify(change)} - ${problem}`)
  })
})
