// Preloaded into every process the launcher starts. The channel to the launcher closes when the
// launcher dies, even by `kill -9`; without this its processes would keep running and keep their ports.
import process from 'node:process'

const LAST_WORDS_MS = 5_000 // what an ordinary shutdown takes, twice

if (process.channel) {
  process.once('disconnect', () => {
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), LAST_WORDS_MS).unref()
    process.kill(process.pid, 'SIGTERM')
  })
  process.channel.unref()
}
