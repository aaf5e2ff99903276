/** The moment `seconds` after `start`. */
export const later = (start: Date, seconds: number): Date => new Date(start.getTime() + seconds * 1_000);
