/** How long an invite is good, in days, where nobody says otherwise. */
export const INVITE_DAYS = 7
