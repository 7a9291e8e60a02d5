/** Prints what a membership tells, a line for each event. */
export function narrate(membership) {
  const tell = (text) => console.log(`${membership.nodeId} ${text}`);
  membership
    .on('accepted', ({ ackTimeoutMs }) => tell(`is accepted, and has ${ackTimeoutMs} ms to be ready`))
    .on('active', () => tell('is active'))
    .on('rejected', ({ reason }) => tell(`is not admitted: ${reason}`))
    .on('expired', ({ cause }) => tell(`was taken out (${cause}), and comes back`))
    .on('updated', ({ changed }) => tell(`has changed: ${changed.join(', ')}`))
    .on('updateFailed', ({ reason }) => tell(`could not change: ${reason}`))
    .on('removed', ({ reason }) => tell(`was removed: ${reason}`))
    .on('lost', ({ reason }) => tell(`goes on without the registry: ${reason}`))
    .on('found', ({ afterMs }) => tell(`has the registry again, after ${afterMs} ms`))
    .on('left', ({ told }) => tell(told ? 'has said goodbye' : 'has left without a word'))
    .on('error', (error) => tell(`has trouble: ${error.message}`));
}
