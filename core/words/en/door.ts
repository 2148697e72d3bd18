/** English: signing in and making an account. */

export const door = {
  email: "E-mail address",
  password: "Password",
  newPassword: "Choose a password",
  passwordHint: "At least 10 characters. A short sentence is easy to remember.",
  code: "Start code",
  codeHint: "The studio printed it in its terminal when it started.",
  tooMany: (wait: string) => `Too many tries. Try again in ${wait}; your password has not changed.`,
  login: {
    title: "Sign in",
    hello: "Welcome back",
    go: "Sign in",
    ended: "Your session has ended. Sign in again and go on where you were; nothing was lost.",
    needed: "Sign in to go on.",
    left: "Your account is closed and everything in it is being removed.",
    other: "No account yet?",
    otherLink: "Make one",
    forgotten: "Forgotten your password? An operator of this studio can send you a link for a new one.",
    bye: "Goodbye",
  },
  fresh: {
    title: "A new password",
    text: (email: string) => `For ${email}. You will be signed out everywhere else.`,
    go: "Save and sign in",
    gone: "This link has ended",
  },
  register: {
    title: "Make an account",
    go: "Make the account",
    hello: {
      first: "Set up your studio",
      open: "Make an account",
      invited: "You are invited",
      closed: "By invitation only",
    },
    text: {
      first:
        "This is the first account, so it is the operator's: it can invite people and look after the render servers.",
      open: "All you need is an e-mail address and a password. Nothing is sent to the address.",
      invited: "Choose the address and the password you will sign in with. Nothing is sent to the address.",
      closed:
        "New accounts need an invitation here. Ask an operator of this studio for one: it is a link that brings you back to this page.",
    },
    asOperator: "You will be an operator: you can invite people and look after the render servers.",
    gone: "This invitation was used, has run out, or was taken back. Ask for a new one.",
    goneButOpen:
      "This invitation does not work any more, but you do not need one: everybody may make an account here.",
    other: "Have an account already?",
    otherLink: "Sign in",
  },
};
