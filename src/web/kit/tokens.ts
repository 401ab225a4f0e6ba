import type { ThemeConfig } from 'antd';

/**
 * Colours of every browser app. antd's own fail WCAG AA on white (primary 4.10, error 3.27, secondary text 3.36); these
 * reach at least 4.5. The server-rendered pages use the same values (`src/web/style/page.css`).
 */
export const COLOURS = {
  ink: '#1f2329',
  soft: '#4e5560',
  line: '#d0d5dd',
  paper: '#ffffff',
  ground: '#f4f6f8',
  primary: '#0958d9',
  high: '#a8071a',
  low: '#0958d9',
  ok: '#237804',
  okGround: '#f6ffed',
  warning: '#874d00',
  warningGround: '#fffbe6',
  errorGround: '#fff1f0',
  band: '#e6f4d7',
} as const;

/** antd's theme: dense (13 px, rows of 28 to 32 px), our darkened colours, system fonts with a wide CJK fallback. */
export const THEME: ThemeConfig = {
  token: {
    colorPrimary: COLOURS.primary,
    colorLink: COLOURS.primary,
    colorError: COLOURS.high,
    colorWarning: COLOURS.warning,
    colorSuccess: COLOURS.ok,
    // antd derives grounds from the darkened colours, which come out muddy.
    colorWarningBg: COLOURS.warningGround,
    colorWarningBorder: '#ffe58f',
    colorErrorBg: COLOURS.errorGround,
    colorErrorBorder: '#ffa39e',
    colorSuccessBg: COLOURS.okGround,
    colorSuccessBorder: '#b7eb8f',
    colorText: COLOURS.ink,
    colorTextSecondary: COLOURS.soft,
    colorTextTertiary: COLOURS.soft,
    colorTextDescription: COLOURS.soft,
    colorTextPlaceholder: '#667085',
    colorBorder: COLOURS.line,
    fontSize: 13,
    borderRadius: 4,
    fontFamily:
      'system-ui, -apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif',
  },
  components: {
    Table: { cellPaddingBlockSM: 4, cellPaddingInlineSM: 8, headerBg: '#eef1f5' },
  },
};
