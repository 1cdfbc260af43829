// Vim without a terminal: substitutions, sorting, folds, registers, undo and its script language.
namespace Lampyris.Programs.Tests;

public class VimTests
{
    [Fact]
    public void VimEditsTheSame() => Compare.WithAndWithout(scene =>
    {
        scene.Write("edit.vim", """
            set nocompatible undolevels=1000 hidden
            call setline(1, map(range(1, 8000), {i -> printf('%d line %d %s', i * 7919 % 8000, i, repeat('x', i % 40))}))
            %s/\v(\d+) line (\d+)/\2 row \1/g
            sort n
            g/7/t$
            v/3/d
            normal! ggyG100Pu
            let d = {}
            for l in getline(1, '$') | let d[l[0:5]] = get(d, l[0:5], 0) + len(l) | endfor
            call append(0, map(sort(items(d)), {_, v -> join(v)}))
            for n in range(200) | silent execute "normal! ggdd" | endfor
            for n in range(100) | silent undo | endfor
            new | call setline(1, split(execute('scriptnames'), "\n")[0:0]) | bdelete!
            write! edited
            qall!
            """);
        scene.Run("vim", "-u", "NONE", "-i", "NONE", "-n", "-es", "-S", "edit.vim");
        return scene.Sha256("edited") + scene.Run("wc", "edited");
    });
}
