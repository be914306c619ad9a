// Keys are made by the server (`org/<id>/<uuid>`, THREATS B11); anything else is a mistake or an attack.
const SEGMENT = /^[a-zA-Z0-9][a-zA-Z0-9._-]*$/
const MAX_KEY_LENGTH = 400

/** The segments of a key that no store can read as anything but a plain name. */
export function segmentsOf(key: string): string[] {
  const segments = key.split('/')
  if (key.length > MAX_KEY_LENGTH || !segments.every((segment) => SEGMENT.test(segment)))
    throw new Error('an object key must be plain segments separated by slashes')
  return segments
}
