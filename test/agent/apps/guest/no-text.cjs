// Loaded before the agent: functions do not tell their text any more, of which the agent is made (src/agent/gate.ts).
// oxlint-disable-next-line no-extend-native -- as some do
Function.prototype.toString = () => 'function () { [native code] }';
