/** Plays npm for the test of the CI: every step passes, but the one named by FAIL fails and the one by SKIP skips. */

const words = process.argv.slice(2).join(' ')
const isNamed = (name) => name !== undefined && words.includes(name)
const skips = isNamed(process.env.SKIP)
const says = {
  chaos: skips
    ? [
        ' 3 L skipped long names: no ip here',
        '30 rows passed, 0 failed, 0 missed a figure, 1 skipped'
      ]
    : ['33 rows passed, 0 failed, 0 missed a figure, 0 skipped'],
  missed: [' 9 S missed  one-way | late', '32 rows passed, 0 failed, 1 missed a figure, 0 skipped'],
  interop: skips ? ['skipped: no cargo here'] : ['8 passed, 0 failed'],
  installable: [
    ...(skips ? [`skipped ${process.env.WHAT}: not here`] : []),
    `30 passed, 0 failed, ${skips ? 1 : 0} skipped`
  ],
  test: ['40 passed, 0 failed, 0 skipped']
}
const step = Object.keys(says).find((name) => words.includes(name))
const lines = step === 'chaos' && process.env.MISS === '1' ? says.missed : (says[step] ?? [])
if (lines.length > 0) console.log(lines.join('\n'))
process.exitCode = isNamed(process.env.FAIL) ? 1 : 0
