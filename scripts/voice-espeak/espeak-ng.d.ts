declare module '@echogarden/espeak-ng-emscripten' {
  export type EspeakEvent = { type: string; text_position: number; audio_position: number }

  export interface EspeakWorker {
    set_voice(language: string): void
    set_pitch(pitch: number): void
    set_rate(wordsPerMinute: number): void
    /** Returning true from the callback stops the engine. */
    synthesize(
      text: { ptr: number },
      onAudio: (audio: Int16Array | null, events: EspeakEvent[] | null) => boolean,
    ): void
  }

  export interface EspeakModule {
    HEAPU8: Uint8Array
    _malloc(bytes: number): number
    eSpeakNGWorker: new () => EspeakWorker
  }

  export default function load(): Promise<EspeakModule>
}
