using System.Buffers;
using System.Text;

namespace BeschutWerk.Platform.Tests.Isolation;

/// <summary>What each of those who call may never be told: ids, persons, secrets.</summary>
internal sealed class Hidden(IsolationPlatform platform)
{
    private const int Shortest = 7, MostTold = 60;

    private readonly Dictionary<Who, SearchValues<string>> _values = platform.Everybody.ToDictionary(who => who, who => SearchValues.Create(
        [.. platform.Owned.Where(owned => owned.Value.Length >= Shortest && !owned.IsKnownTo(who)).Select(owned => owned.Value).Distinct()],
        StringComparison.Ordinal));

    /// <summary>What of it stands in an answer; null when nothing does.</summary>
    /// <param name="sent">What the caller itself named.</param>
    public string? Find(Who who, byte[] answer, params IReadOnlyCollection<string> sent)
    {
        var text = Encoding.Latin1.GetString(answer);
        for (var start = 0; text.AsSpan(start).IndexOfAny(_values[who]) is var offset and >= 0; start += offset + 1)
        {
            var found = text[(start + offset)..];
            if (sent.Any(value => value.Length > 0 && found.StartsWith(value, StringComparison.Ordinal))) continue;
            return found[..Math.Min(MostTold, found.Length)];
        }

        return null;
    }
}
