using System.Buffers;
using System.Text;

namespace BeschutWerk.Platform.Tests.Fixtures;

/// <summary>Looks for any of many persons in what somebody wrote: their BSN and name, in UTF-8 or UTF-16.</summary>
internal sealed class PersonSearch
{
    private const int BsnLength = 9, ChunkSize = 16 * 1024 * 1024, Overlap = 256;

    private readonly SearchValues<string> _forms;

    public PersonSearch(IEnumerable<(string Bsn, string Name)> persons)
    {
        string[] texts = [.. persons.SelectMany(person => new[] { person.Bsn, person.Name }).Distinct()];
        // Bytes are searched as Latin-1, one character for each.
        _forms = SearchValues.Create(
            [.. texts.Select(text => Latin(Encoding.UTF8.GetBytes(text))), .. texts.Select(text => Latin(Encoding.Unicode.GetBytes(text).AsSpan(..^1)))], StringComparison.Ordinal);
    }

    /// <summary>What was found, with a little around it; null when nobody was.</summary>
    public string? Find(byte[] bytes) => Find(Latin(bytes));

    /// <summary>The same in a file, which may be open and large.</summary>
    public string? FindIn(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var buffer = new byte[ChunkSize];
        var kept = 0;
        while (true)
        {
            var read = file.ReadAtLeast(buffer.AsSpan(kept), buffer.Length - kept, throwOnEndOfStream: false);
            if (Find(Latin(buffer.AsSpan(0, kept + read))) is { } found) return found;
            if (kept + read < buffer.Length) return null;
            buffer.AsSpan(^Overlap..).CopyTo(buffer);
            kept = Overlap;
        }
    }

    private string? Find(string text)
    {
        for (var start = 0; text.AsSpan(start).IndexOfAny(_forms) is var offset and >= 0; start += offset + 1)
        {
            var at = start + offset;
            if (!IsPartOfAnotherNumber(text, at)) return text[Math.Max(0, at - 60)..Math.Min(text.Length, at + 60)];
        }

        return null;
    }

    // Nine digits of a longer number or of a random id are nobody's BSN; there are so many of them that some are equal.
    private static bool IsPartOfAnotherNumber(string text, int at) =>
        at + BsnLength <= text.Length && text.AsSpan(at, BsnLength).IndexOfAnyExceptInRange('0', '9') < 0
        && ((at > 0 && char.IsAsciiHexDigit(text[at - 1])) || (at + BsnLength < text.Length && char.IsAsciiHexDigit(text[at + BsnLength])));

    private static string Latin(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
