/**
 * The longest answer: 4,000 containers, each given seven variables, of which one is a role of 640 characters, and a mount,
 * in base64. What the user wrote himself, such as a mount path that a variable repeats, comes on top and is no longer than
 * the review.
 */
export const maxAnswerBytes = 16_777_216;
