/** A microphone and a speaker as a telephone has them: mu-law at 8 kHz. */
export type Phone = {
  play(bytes: Uint8Array): void
  /** Told back by `onMark` when all before it was heard. */
  mark(name: string): void
  /** Silence at once. */
  clear(): void
  close(): void
}

export type PhoneEvents = {
  /** 20 ms of the microphone. */
  onFrame(frame: Uint8Array): void
  onMark(name: string): void
}

/** Why the microphone cannot be used: none is there, the person refused it, or it failed otherwise. */
export type MicrophoneFault = 'missing' | 'refused' | 'failed'

export class MicrophoneError extends Error {
  readonly fault: MicrophoneFault

  constructor(fault: MicrophoneFault, cause: unknown) {
    super(`The microphone is ${fault}.`, { cause })
    this.fault = fault
  }
}

const WORKLET = '/phone-worklet.js'
const PHONE_RATE = 8_000
const CUT_OFF_HZ = 3_400 // what a telephone carries; above half of its rate would come back as noise

/** Asks for the microphone. Must be called in a click: before one, browsers let no page make a sound. */
export async function openPhone(events: PhoneEvents): Promise<Phone> {
  const microphone = await askForMicrophone()
  const contexts = [new AudioContext(), new AudioContext({ sampleRate: PHONE_RATE })]
  const close = () => {
    for (const track of microphone.getTracks()) track.stop()
    for (const context of contexts) void context.close()
  }
  try {
    await Promise.all(contexts.map((context) => context.audioWorklet.addModule(WORKLET)))
    const [hearing, speaking] = contexts as [AudioContext, AudioContext]
    listen(hearing, microphone, events)
    const speaker = speak(speaking, events)
    return {
      play: (bytes) => speaker.postMessage({ bytes }),
      mark: (mark) => speaker.postMessage({ mark }),
      clear: () => speaker.postMessage({ clear: true }),
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}

async function askForMicrophone(): Promise<MediaStream> {
  // Absent on pages that are not served over https.
  const devices: MediaDevices | undefined = navigator.mediaDevices
  if (!devices) throw new MicrophoneError('missing', null)
  try {
    return await devices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    })
  } catch (error) {
    throw new MicrophoneError(faultOf(error), error)
  }
}

function faultOf(error: unknown): MicrophoneFault {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'refused'
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'missing' : 'failed'
}

function listen(context: AudioContext, microphone: MediaStream, events: PhoneEvents): void {
  const worklet = new AudioWorkletNode(context, 'phone-microphone', { numberOfOutputs: 0 })
  worklet.port.onmessage = ({ data }: MessageEvent<{ frame: Uint8Array }>) =>
    events.onFrame(data.frame)
  // Two in a row fall off twice as steeply.
  const filters = [0, 1].map(
    () => new BiquadFilterNode(context, { type: 'lowpass', frequency: CUT_OFF_HZ }),
  )
  const mono = new GainNode(context, { channelCount: 1, channelCountMode: 'explicit' })
  const chain: AudioNode[] = [
    context.createMediaStreamSource(microphone),
    mono,
    ...filters,
    worklet,
  ]
  chain.reduce((from, to) => from.connect(to))
}

function speak(context: AudioContext, events: PhoneEvents): MessagePort {
  const worklet = new AudioWorkletNode(context, 'phone-speaker', {
    numberOfInputs: 0,
    outputChannelCount: [1],
  })
  worklet.port.onmessage = ({ data }: MessageEvent<{ mark: string }>) => events.onMark(data.mark)
  worklet.connect(context.destination)
  return worklet.port
}
