// In the place of the package `signal-exit`, which proper-lockfile tells of its locks: that one takes over all signals
// and loads `assert` (3 ms at each start). A lock that a signal leaves behind is found by the next command, as that of
// a killed one is (src/state/document-lock.ts).
module.exports = (callback) => process.once('exit', callback)
