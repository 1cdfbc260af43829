using System;

namespace Lampyris.Analysis;

/// <summary>Patterns in which `*` stands for any characters, none included; all else for itself.</summary>
public static class Wildcard
{
    /// <summary>Whether the pattern stands for all of the text. Takes at most the product of both lengths.</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        int p = 0, t = 0, star = -1, afterStar = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                afterStar = t;
            }
            else if (p < pattern.Length && pattern[p] == text[t])
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                p = star + 1;           // the star takes one character more
                t = ++afterStar;
            }
            else
            {
                return false;
            }
        }
        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }
}
