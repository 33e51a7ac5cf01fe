// tools/bench_hypercore.js - what tools/bench_replicate has a hypercore do, one block for each line of a file:
//
//   append DIR KEY-FILE LINES        put the lines in, and write its key down
//   serve DIR PORT                   replicate it with whoever connects to that port of loopback, until SIGTERM
//   fetch DIR KEY-FILE PORT BLOCKS   connect, and get all of so many blocks
'use strict'
const fs = require('fs')
const net = require('net')
const readline = require('readline')
const Hypercore = require('hypercore')

const BATCH = 1000

async function append (dir, keyFile, lines) {
  const core = new Hypercore(dir)
  let batch = []
  await core.ready()
  fs.writeFileSync(keyFile, core.key.toString('hex'))
  for await (const line of readline.createInterface({ input: fs.createReadStream(lines), crlfDelay: Infinity })) {
    batch.push(Buffer.from(line))
    if (batch.length < BATCH) continue
    await core.append(batch)
    batch = []
  }
  if (batch.length > 0) await core.append(batch)
  await core.close()
}

async function serve (dir, port) {
  const core = new Hypercore(dir)
  await core.ready()
  net.createServer(socket => {
    const stream = core.replicate(false)
    stream.on('error', () => {}) // whoever connects only to see whether we listen
    socket.on('error', () => {})
    stream.pipe(socket).pipe(stream)
  }).listen(Number(port), '127.0.0.1')
}

async function fetch (dir, keyFile, port, blocks) {
  const core = new Hypercore(dir, Buffer.from(fs.readFileSync(keyFile, 'utf8'), 'hex'))
  const wanted = Number(blocks)
  await core.ready()
  const socket = net.connect(Number(port), '127.0.0.1')
  const stream = core.replicate(true)
  stream.pipe(socket).pipe(stream)
  while (core.length < wanted) await core.update({ wait: true })
  await core.download({ start: 0, end: wanted }).done()
  if (core.length !== wanted || core.contiguousLength !== wanted) throw new Error(`${core.contiguousLength} of ${wanted} blocks`)
  socket.on('error', () => {})
  socket.destroy()
  await core.close()
}

const [what, ...args] = process.argv.slice(2)
const run = { append, serve, fetch }[what]
run(...args).then(() => { if (what !== 'serve') process.exit(0) }, error => {
  console.error(error)
  process.exit(1)
})
