"""Files in, formatted files out; and a fix kept from unformatting what was formatted."""

from collections import defaultdict
from collections.abc import Mapping

from app.fixers import ruff_tool
from app.fixers.bench import PYTHON, python_bench
from app.fixers.ruff_config import RuffConfig
from app.fixers.styles import black_style, ruff_style, uses_black
from app.fixers.view import View


async def unformatted(view: View, configs: Mapping[str, RuffConfig]) -> set[str]:
    """Tell which files the formatter would change, each under its configuration."""
    found: set[str] = set()
    async with python_bench(view, configs) as bench:
        for config, paths in _grouped(configs).items():
            found |= await ruff_tool.unformatted(bench, config, paths)
    return found


async def reformatted(view: View, configs: Mapping[str, RuffConfig], *, named: bool) -> dict[str, str]:
    """Give files as the formatter leaves them, each under its configuration; what cannot be parsed comes back as it was."""
    async with python_bench(view, configs) as bench:
        for config, paths in _grouped(configs).items():
            await ruff_tool.reformat(bench, config, paths, named=named)
        return await bench.texts(configs)


def _grouped(configs: Mapping[str, RuffConfig]) -> dict[RuffConfig, list[str]]:
    groups: dict[RuffConfig, list[str]] = defaultdict(list)
    for path, config in configs.items():
        groups[config].append(path)
    return groups


async def kept_formatted(view: View, texts: Mapping[str, str]) -> dict[str, str]:
    """Format again the files that were formatted before a fix and are not after it, so that one fix is no new failure.

    A file counts as formatted when ruff's format leaves the commit's text alone, or black's style where black is configured.
    """
    before = View(view.source, {})
    after = View(view.source, {**view.edited, **texts})
    mended: dict[str, str] = {}
    for style in (ruff_style, black_style):
        paths = [path for path in texts if path.endswith(PYTHON) and path not in mended]
        paths = [path for path in paths if style is ruff_style or uses_black(before, path)]
        configs = {path: style(before, path).config for path in paths}
        clean = set(paths) - await unformatted(before, configs)
        changed = await reformatted(after, {path: configs[path] for path in clean}, named=False)
        mended |= {path: text for path, text in changed.items() if text != texts[path]}
    return mended
