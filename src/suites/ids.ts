/** MLS ciphersuites the lab knows; 0xf00d is the post-quantum hybrid (X-Wing), a private-use number. */
export const suiteIds = ['0x0001', '0x0002', '0x0003', '0xf00d'] as const;

export type SuiteId = (typeof suiteIds)[number];
