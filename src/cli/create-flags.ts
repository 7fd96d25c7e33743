/**
 * The options that make a container, in groups by topic. `run` and `create` have them all; `pod create` has those that
 * shape its infra container. A flag's name in camel case is the name of the engine's option.
 */
import * as flag from './flags'

const SIZE = 'number[unit]'

/** Shared with `pod create`. */
export const resourceFlags = {
  'blkio-weight': flag.uint('Share of the disk among competing cgroups, 10 to 1000', { value: 'weight' }),
  'cgroup-parent': flag.string('Cgroup to make the new one in', { value: 'path' }),
  cpus: flag.float('Processors that may be used, such as 1.5 (0 for no limit)', { value: 'number' }),
  'cpu-shares': flag.uint('Share of the processors among competing cgroups', { char: 'c', value: 'shares' }),
  'cpuset-cpus': flag.string('Processors to run on, such as 0-3 or 0,1', { value: 'list' }),
  'cpuset-mems': flag.string('Memory nodes to take memory from, such as 0-1', { value: 'list' }),
  memory: flag.string('Limit of memory, such as 512m or 2g', { char: 'm', value: SIZE }),
  'memory-swap': flag.string('Limit of memory and swap together; -1 for no limit', { value: SIZE }),
}

/** Shared with `pod create`. */
export const networkFlags = {
  'add-host': flag.stringSlice('Line for /etc/hosts', { value: 'host:ip' }),
  dns: flag.stringSlice('DNS server', { value: 'ip' }),
  'dns-option': flag.stringSlice('Option of the resolver', { value: 'option', aliases: ['dns-opt'] }),
  'dns-search': flag.stringSlice('Domain in which short names are looked up', { value: 'domain' }),
  ip: flag.string('IPv4 address of its own', { value: 'ipv4' }),
  'mac-address': flag.string('MAC address of its own', { value: 'address' }),
  network: flag.stringArray('Network to join, or bridge, none, host, private, container:NAME, ns:PATH', {
    value: 'mode',
    aliases: ['net'],
  }),
  'network-alias': flag.stringSlice('Further name in the network', { value: 'alias' }),
  'no-hostname': flag.bool("Leave the image's /etc/hostname"),
  'no-hosts': flag.bool("Leave the image's /etc/hosts"),
  publish: flag.stringSlice('Forward a port, or a range of ports, of the host', {
    char: 'p',
    value: '[[ip:][hostPort]:]port[/protocol]',
  }),
}

/** Shared with `pod create`. */
export const sharedFlags = {
  device: flag.stringArray('Device of the host', { value: 'host-device[:path[:permissions]]' }),
  gidmap: flag.stringSlice('Range of group ids of a user namespace', { value: 'container:host:amount' }),
  hostname: flag.string('Name of the host inside', { char: 'h', value: 'name' }),
  label: flag.stringArray('Label', { char: 'l', value: 'key=value' }),
  pid: flag.string('PID namespace: private, host, container:NAME, ns:PATH', { value: 'mode' }),
  restart: flag.string('What to do at its end: no, on-failure[:times], always, unless-stopped', {
    value: 'policy',
  }),
  'security-opt': flag.stringArray('Security option, such as seccomp=unconfined', { value: 'option' }),
  'shm-size': flag.string('Size of /dev/shm', { value: SIZE }),
  sysctl: flag.stringSlice('Kernel parameter of a namespace', { value: 'name=value' }),
  uidmap: flag.stringSlice('Range of user ids of a user namespace', { value: 'container:host:amount' }),
  userns: flag.string('User namespace: host, auto, container:NAME, ns:PATH', { value: 'mode' }),
  uts: flag.string('UTS namespace: private, host, container:NAME, ns:PATH', { value: 'mode' }),
  volume: flag.stringArray('Folder of the host to mount', { char: 'v', value: 'source:path[:options]' }),
  'volumes-from': flag.stringArray('Mount what another container mounts', { value: 'container[:options]' }),
}

const processFlags = {
  annotation: flag.stringArray('Annotation', { value: 'key=value' }),
  attach: flag.stringSlice('Streams to attach to: stdin, stdout, stderr', { char: 'a', value: 'stream' }),
  entrypoint: flag.string("Program to run in place of the image's, a word or a JSON list", {
    value: 'command',
  }),
  env: flag.stringArray('Environment variable; KEY alone takes the value it has here', {
    char: 'e',
    value: 'key[=value]',
  }),
  'env-host': flag.bool('Pass the whole environment on'),
  'group-add': flag.stringSlice('Further group of the process', { value: 'group' }),
  'http-proxy': flag.bool('Pass the proxy variables of the environment on', { default: true }),
  init: flag.bool('Run a small init as PID 1, which passes signals on and reaps orphans'),
  interactive: flag.bool('Keep stdin open', { char: 'i' }),
  'oom-score-adj': flag.int("Change of the kernel's choice when memory runs out, -1000 to 1000", {
    value: 'number',
  }),
  'stop-signal': flag.string('Signal that asks it to stop', { value: 'signal' }),
  'stop-timeout': flag.uint('Seconds from that signal to SIGKILL', { value: 'seconds' }),
  timeout: flag.uint('Seconds after which it is killed; 0 for never', { value: 'seconds' }),
  tty: flag.bool('Give it a terminal', { char: 't' }),
  tz: flag.string('Time zone, or local', { value: 'zone' }),
  umask: flag.string('Umask, in octal', { value: 'mask' }),
  unsetenv: flag.stringArray("Drop a variable of the image's environment", { value: 'key' }),
  'unsetenv-all': flag.bool("Drop the image's environment"),
  user: flag.string('User to run as', { char: 'u', value: 'user[:group]' }),
  workdir: flag.string('Folder to start in', { char: 'w', value: 'folder' }),
}

const isolationFlags = {
  'cap-add': flag.stringSlice('Capability to add', { value: 'capability' }),
  'cap-drop': flag.stringSlice('Capability to drop', { value: 'capability' }),
  cgroupns: flag.string('Cgroup namespace: private, host, container:NAME, ns:PATH', { value: 'mode' }),
  cgroups: flag.string('Whether it gets a cgroup: enabled, disabled, no-conmon', { value: 'how' }),
  ipc: flag.string('IPC namespace: private, shareable, host, none, container:NAME, ns:PATH', {
    value: 'mode',
  }),
  mount: flag.stringArray('Something to mount', { value: 'type=bind|tmpfs,option[,…]' }),
  privileged: flag.bool('Lift most of the isolation'),
  'read-only': flag.bool('Mount the root read-only'),
  'read-only-tmpfs': flag.bool('With --read-only, a tmpfs at /dev, /dev/shm, /run, /tmp and /var/tmp', {
    default: true,
  }),
  tmpfs: flag.stringArray('Folder to mount a tmpfs at', { value: 'path[:options]' }),
}

const limitFlags = {
  'cpu-period': flag.uint('Length of a scheduling period in microseconds', { value: 'limit' }),
  'cpu-quota': flag.int('Processor time in a period in microseconds', { value: 'limit' }),
  'memory-reservation': flag.string('Memory that is kept when memory is short', { value: SIZE }),
  'memory-swappiness': flag.int('How readily its memory is swapped, 0 to 100', { value: 'number' }),
  'pids-limit': flag.int('Most processes and threads; -1 for no limit', { value: 'limit' }),
  ulimit: flag.stringSlice('Limit of its processes', { value: 'name=soft[:hard]' }),
}

const placeFlags = {
  cidfile: flag.string('File to write the id to', { value: 'file' }),
  expose: flag.stringSlice('Port that it listens on', { value: 'port[/protocol]' }),
  'log-driver': flag.string('Where its output goes: k8s-file, none, passthrough', { value: 'driver' }),
  'log-opt': flag.stringArray('Option of the log: path, max-size, tag', { value: 'name=value' }),
  name: flag.string('Name', { value: 'name' }),
  pod: flag.string('Pod to be in; new:NAME makes it', { value: 'name' }),
  'pod-id-file': flag.string("File to read the pod's id from", { value: 'file' }),
  'publish-all': flag.bool('Forward a port of the host for each port that is exposed', { char: 'P' }),
  replace: flag.bool('Remove the container that has the name'),
  requires: flag.stringSlice('Containers that must run before it', { value: 'container' }),
  rm: flag.bool('Remove it at its end'),
}

/** The flags whose values the engine takes as they are. */
export const containerFlags = {
  ...resourceFlags,
  ...networkFlags,
  ...sharedFlags,
  ...processFlags,
  ...isolationFlags,
  ...limitFlags,
  ...placeFlags,
}

/** All flags of `create`. */
export const createFlags = {
  ...containerFlags,
  'disable-content-trust': flag.bool('Without effect, for scripts written for Docker', { hidden: true }),
  'env-file': flag.stringArray('File of environment variables, one a line', { value: 'file' }),
  'label-file': flag.stringArray('File of labels, one a line', { value: 'file' }),
  pull: flag.string('When to fetch the image: missing or never', { value: 'policy' }),
  quiet: flag.bool('Say nothing while an image is fetched', { char: 'q' }),
}
