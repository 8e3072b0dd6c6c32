/** A process that doubles numbers and shouts words. */

process.once('disconnect', () => process.exit(0))
process.on('message', (order) => {
  if (order.kind === 'double') process.send({ kind: 'answer', answer: 2 * order.number })
  if (order.kind === 'shout') process.send({ kind: 'word', word: order.word.toUpperCase() })
})
