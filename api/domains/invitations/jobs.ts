import { forOrganization, inTransaction } from '#api/core/context.ts'
import { job } from '#api/core/jobs.ts'
import { invitationIssued } from './events.ts'
import { mailInvitation } from './mail.ts'

/** Mails an invitation's newest link; a mail server that is away is asked again for a day. */
export const mailInvitationJob = job({
  name: 'invitations.mail-invitation',
  data: invitationIssued.data,
  // For what goes wrong on our side; how long the mail server may be away is not counted in tries.
  retry: { limit: 5, delaySeconds: 10 },
  key: ({ invitationId, sends }) => `${invitationId}:${sends}`,
  run: async (ctx, issued) => {
    const { retryInSeconds } = await mailInvitation(ctx, issued)
    if (retryInSeconds === null) return
    await inTransaction(forOrganization(ctx, issued.organizationId), (tx) =>
      tx.enqueue(mailInvitationJob, issued, { startAfterSeconds: retryInSeconds }),
    )
  },
})
