/**
 * How Node runs a gateway. Of what a frame leaves behind nothing lives long. With a young generation of 8 MiB a half in
 * place of Node's usual 16, a gateway with 450 calls took 240 MB instead of 340, and its collections held up the frames
 * for 1 to 2 ms instead of 4 to 9; of 4 MiB, more was promoted and the old generation grew by half. What is promoted is
 * garbage soon: collected whenever the old generation has grown by a fifth, twice a minute with so many calls and 8 ms
 * of theirs, it is some 20 MB; V8 by itself lets it grow to 150.
 * Allocation sites whose objects once outlived a collection or two are made old from birth. With the sockets of `ws`
 * that befell the arrays that it makes for every message; dead, they kept the messages until the old generation was
 * collected: four times as much was promoted as with our own codec, and a frame cost a tenth more.
 */
export const gatewayFlags: readonly string[] = [
  '--max-semi-space-size=8',
  '--heap-growing-percent=20',
  '--no-allocation-site-pretenuring',
]
