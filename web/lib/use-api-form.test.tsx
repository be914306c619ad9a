import '../testing/dom.ts'
import { screen, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { FormDialog } from '../components/form-dialog.tsx'
import { renderScreen } from '../testing/screen.tsx'
import { useApiForm } from './use-api-form.ts'

const schema = z.object({ note: z.string() })

function Asking(props: { isBlocked?: boolean; send(): Promise<unknown> }) {
  const { form, submit, failure, isSending } = useApiForm(schema, {
    values: { note: '' },
    send: props.send,
  })
  return (
    <FormDialog
      title="Publish"
      action="Send"
      isSending={isSending}
      isBlocked={props.isBlocked ?? false}
      failure={failure}
      onSubmit={submit}
      onClose={() => undefined}
    >
      <textarea aria-label="Note" {...form.register('note')} />
    </FormDialog>
  )
}

test('what is asked for again while it is on its way is sent once, and later once more', async () => {
  const answers: (() => void)[] = []
  const { user } = renderScreen(
    <Asking send={() => new Promise<void>((answer) => answers.push(answer))} />,
  )
  await user.type(screen.getByRole('textbox', { name: 'Note' }), 'December')
  await user.keyboard('{Control>}{Enter}{Enter}{/Control}')
  const send = screen.getByRole<HTMLButtonElement>('button', { name: 'Send' })
  await waitFor(() => expect(answers).toHaveLength(1))
  await user.keyboard('{Control>}{Enter}{/Control}')
  expect(send.disabled).toBe(true)
  answers[0]?.()
  await waitFor(() => expect(send.disabled).toBe(false))
  expect(answers).toHaveLength(1)
  await user.click(send)
  await waitFor(() => expect(answers).toHaveLength(2))
})

test('what cannot be sent now is not sent by a key either', async () => {
  let sent = 0
  const { user } = renderScreen(
    <Asking
      isBlocked
      send={async () => {
        sent += 1
      }}
    />,
  )
  await user.type(screen.getByRole('textbox', { name: 'Note' }), 'December')
  await user.keyboard('{Control>}{Enter}{/Control}')
  // Long enough for what would have been checked and sent.
  await import('@hookform/resolvers/zod')
  await waitFor(() => expect(screen.getByRole('textbox', { name: 'Note' })).toBeTruthy())
  expect(sent).toBe(0)
})
