/** Characters that readers do not see, and that make two texts look the same (Unicode TR 36, section 2). */

/**
 * White space other than the ASCII space, and characters that are not displayed: BOM, zero-width, bidi controls, tags.
 */
export const hasInvisible = (text: string): boolean =>
  /(?! )\p{Zs}|[\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u.test(text);

/** Controls that change the direction of the text that follows, even beyond the end of this text. */
export const hasBidiControl = (text: string): boolean => /\p{Bidi_Control}/u.test(text);

/** Letters that people do not see and machines read. */
export const hasTag = (text: string): boolean => /[\u{e0000}-\u{e007f}\ufeff]/u.test(text);

export const isVisible = (text: string): boolean =>
  text.replace(/[\s\p{Default_Ignorable_Code_Point}\u2800]/gu, '') !== '';
