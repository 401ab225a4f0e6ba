import { useTranslation } from 'react-i18next';
import type { WindowPreset } from './display.ts';
import type { ToolName } from './tools.ts';

/** What a button of the toolbar does at once. */
export type Act =
  | 'invert'
  | 'sideways'
  | 'upside-down'
  | 'reset'
  | 'larger'
  | 'smaller'
  | 'clear'
  | 'key-image'
  | 'mark';

/** The tools, windows and ways of showing. Everything has its word; nothing is an icon alone. */
export const Toolbar = ({
  tool,
  onTool,
  windows,
  onWindow,
  onAct,
  toggles,
  narrow,
}: {
  readonly tool: ToolName;
  readonly onTool: (tool: ToolName) => void;
  readonly windows: readonly WindowPreset[];
  readonly onWindow: (preset: WindowPreset) => void;
  readonly onAct: (act: Act) => void;
  readonly toggles: readonly {
    readonly name: string;
    readonly on: boolean;
    readonly onToggle: () => void;
  }[];
  /** On a phone there are no keys for what the wheel and the right button do. */
  readonly narrow: boolean;
}) => {
  const { t, i18n } = useTranslation();
  const tools: readonly (readonly [ToolName, string])[] = [
    ['scroll', t('翻阅')],
    ['window', t('调窗')],
    ['pan', t('移动')],
    ['zoom', t('缩放')],
    ['length', t('测长')],
    ['angle', t('测角')],
    ['region', t('区域')],
    ['point', t('单点')],
  ];
  const acts: readonly (readonly [Act, string])[] = [
    ['invert', t('反相')],
    ['sideways', t('左右翻转')],
    ['upside-down', t('上下翻转')],
    ...(narrow
      ? ([
          ['larger', t('放大')],
          ['smaller', t('缩小')],
        ] as const)
      : []),
    ['reset', t('恢复原样')],
    ['clear', t('清除测量')],
  ];
  const actGroup = (
    <div className="group">
      {acts.map(([act, word]) => (
        <button key={act} type="button" onClick={() => onAct(act)}>
          {word}
        </button>
      ))}
    </div>
  );
  const toggleGroup = (
    <div className="group">
      {toggles.map(({ name, on, onToggle }) => (
        <button key={name} type="button" aria-pressed={on} onClick={onToggle}>
          {name}
        </button>
      ))}
    </div>
  );
  return (
    <div className="toolbar" role="toolbar" aria-label={t('看图工具')}>
      <div className="group tools">
        {tools.map(([name, word]) => (
          <button key={name} type="button" aria-pressed={tool === name} onClick={() => onTool(name)}>
            {word}
          </button>
        ))}
      </div>
      {!narrow && actGroup}
      {!narrow && toggleGroup}
      {windows.length > 0 && narrow && (
        <label className="group">
          <span className="unseen">{t('窗宽窗位预设')}</span>
          <select
            value=""
            onChange={({ target }) => {
              const preset = windows.find(({ id }) => id === target.value);
              if (preset) onWindow(preset);
            }}
          >
            <option value="" disabled>
              {t('窗预设')}
            </option>
            {windows.map((preset, place) => (
              <option key={preset.id} value={preset.id}>
                {place + 1} {i18n.language === 'en' ? preset.en : preset.zh}（{preset.width}/{preset.centre}）
              </option>
            ))}
          </select>
        </label>
      )}
      {narrow && (
        <details className="more">
          <summary>{t('更多工具')}</summary>
          {actGroup}
          {toggleGroup}
        </details>
      )}
      {windows.length > 0 && !narrow && (
        <div className="group row" role="group" aria-label={t('窗宽窗位预设')}>
          {windows.map((preset, place) => (
            <button key={preset.id} type="button" onClick={() => onWindow(preset)}>
              {i18n.language === 'en' ? preset.en : preset.zh} <kbd>{place + 1}</kbd>
            </button>
          ))}
        </div>
      )}
    </div>
  );
};
