/// The report's looks: dark or light as the reader's system is, and fit to be printed.
enum ReportStyle {
  static let css = """
    :root{color-scheme:light dark;--paper:#fbfaf7;--card:#fff;--ink:#22262e;--dim:#69707d;--line:#e3e0d8;--accent:#0b7a9c;--good:#1f7a3d;
    --bad:#c22741;--s1:#2570b5;--s2:#c8611a;--s3:#2c8a4f;--s4:#a63f8c;--s5:#8f7500;--s6:#5f4fc4;--s7:#1b827c;--s8:#b8404a}
    @media(prefers-color-scheme:dark){:root{--paper:#10131a;--card:#161b25;--ink:#d7dce5;--dim:#8590a3;--line:#2b3342;--accent:#5ccfe6;
    --good:#7fd88f;--bad:#f2667a;--s1:#6cbcf5;--s2:#f2a35c;--s3:#6fd391;--s4:#e887cd;--s5:#e0c860;--s6:#a294f5;--s7:#5fdcd2;
    --s8:#f28a8a}}
    *{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,"DejaVu Sans",sans-serif;
    font-variant-numeric:tabular-nums}
    header,main{max-width:1320px;margin:0 auto;padding:0 24px}header{padding-top:32px}h1{margin:0;font-size:26px;letter-spacing:-.01em}
    .facts,.note{color:var(--dim);margin:4px 0 0}.note{font-size:13px}h2{font-size:17px;margin:36px 0 12px;color:var(--accent)}
    table{border-collapse:collapse}.wide{overflow-x:auto}.figures{width:100%}
    .figures th,.figures td,.settings th,.settings td{padding:7px 12px;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
    .figures thead th{color:var(--dim);font-weight:500}.figures th:first-child,.settings th,.settings td{text-align:left}
    .figures tbody th,.settings th{font-weight:500}.best{color:var(--good);font-weight:700}.best::before{content:"★ ";font-size:11px}
    .bad{color:var(--bad)}.settings th{color:var(--dim)}.settings td{white-space:normal;word-break:break-all}
    .legend{display:flex;flex-wrap:wrap;gap:4px 20px;margin:0 0 12px}.swatch{width:12px;height:12px;vertical-align:-1px}
    .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:16px}
    .matrices{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,520px),1fr));gap:16px;margin-top:12px}
    figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;break-inside:avoid}
    figcaption{font-weight:600;margin-bottom:6px}svg{display:block;width:100%;height:auto}.swatch{display:inline-block}
    .grid{stroke:var(--line);fill:none}.boundary{stroke:var(--dim);stroke-dasharray:2 3;fill:none}.axis{stroke:var(--dim);stroke-opacity:.5;fill:none}.tick{fill:var(--dim);font-size:12px}
    .line{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round}.band{fill:var(--c);fill-opacity:.14}.mark{fill:var(--c)}
    .s1{--c:var(--s1)}.s2{--c:var(--s2)}.s3{--c:var(--s3)}.s4{--c:var(--s4)}.s5{--c:var(--s5)}.s6{--c:var(--s6)}.s7{--c:var(--s7)}
    .s8{--c:var(--s8)}
    .confusion{font-size:12px;border-collapse:separate;border-spacing:1px}.confusion th{color:var(--dim);font-weight:400;text-align:right;
    padding:0 6px}.confusion thead th{height:76px;vertical-align:bottom;padding:0}
    .confusion thead span{display:inline-block;writing-mode:vertical-rl;transform:rotate(180deg);max-height:92px;overflow:hidden}
    .confusion tbody td{width:34px;height:26px;text-align:center;border-radius:3px}
    .confusion td.none{background:none}.confusion td.right{background:color-mix(in srgb,var(--good) calc(var(--heat)*.7),transparent);
    font-weight:700}.confusion td.wrong{background:color-mix(in srgb,var(--bad) calc(var(--heat)*.9),transparent)}
    footer{height:40px}@media print{body{background:none}}
    """
}
