using System.Globalization;

namespace BeschutWerk.Knowledge.Practices;

/// <summary>What somebody typed, as a query of SQLite's full-text search in which nothing of it is an operator.</summary>
internal static class SearchWords
{
    private const int MostWords = 20;

    /// <summary>Every word quoted, as the beginning of a word, all of them required; empty when there is no word.</summary>
    public static string ToQuery(string typed)
    {
        var words = new List<string>();
        var start = -1;
        for (var i = 0; i <= typed.Length && words.Count < MostWords; i++)
        {
            if (i < typed.Length && IsOfWord(typed[i]))
            {
                // Not at an accent: of an accent alone the tokenizer leaves nothing, which is found nowhere.
                if (start < 0 && char.IsLetterOrDigit(typed[i])) start = i;
            }
            else if (start >= 0)
            {
                words.Add($"\"{typed[start..i]}\"*");
                start = -1;
            }
        }

        return string.Join(' ', words);
    }

    /// <summary>Whether nothing was typed that can be seen: then nothing is searched, and everything is listed.</summary>
    public static bool IsBlank(string typed) =>
        typed.All(letter => char.IsWhiteSpace(letter)
            || char.GetUnicodeCategory(letter) is UnicodeCategory.Format or UnicodeCategory.Control);

    // A combining accent belongs to its letter; the tokenizer takes it off.
    private static bool IsOfWord(char letter) => char.IsLetterOrDigit(letter) || char.GetUnicodeCategory(letter) == UnicodeCategory.NonSpacingMark;
}
