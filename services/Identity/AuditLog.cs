using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace BeschutWerk.Identity;

/// <summary>
/// What was done to clients, and whom the token server refused: <c>audit.jsonl</c>, a row each, which is only ever added to. A row
/// carries a link, SHA-256 of the link before it and of the row itself, so that one that is changed, taken out or slipped in later
/// breaks the chain (BIO2 8.15.05).
/// </summary>
sealed class AuditLog : IDisposable
{
    public const string FileName = "audit.jsonl";

    const string LinkField = ",\"link\":\"";

    static readonly JsonSerializerOptions OneLine = new(IdentityJson.Format) { WriteIndented = false };

    readonly Lock adding = new();
    readonly FileStream file;
    readonly TimeProvider clock;
    string last = new('0', 2 * SHA256.HashSizeInBytes);
    long rows;

    /// <summary>Opens the file, follows the chain to its end, and adds a row about what is wrong with it.</summary>
    /// <param name="folder">The data folder of the token server.</param>
    /// <param name="done">The last row whose effect stands in <c>clients.json</c>.</param>
    public AuditLog(string folder, long done, TimeProvider clock)
    {
        this.clock = clock;
        file = PrivateFile.OpenToAdd(Path.Combine(folder, FileName));
        // What a crash cut off was confirmed to nobody.
        file.SetLength(EndOfLastLine());
        var (broken, undone) = Follow(done);
        var end = rows;
        rows = Math.Max(rows, done);
        if (broken is { } row) Add([new(Acts.ChainBroken, Detail: $"Row {row}, or the one before it, is not what was written there.")]);
        if (end < done) Add([new(Acts.ChainBroken, Detail: $"The rows ended at {end}, and once reached {done}.")]);
        if (undone is not null)
            Add([new(Acts.NotDone, Detail: $"The process died before the effect of row {undone} and the rows behind it.")]);
    }

    /// <summary>Adds rows, which are on the disk when it returns.</summary>
    /// <returns>The number of the first.</returns>
    /// <exception cref="IOException">The disk is full, or cannot be written; nothing was added.</exception>
    public long Add(IReadOnlyCollection<AuditRow> added)
    {
        lock (adding)
        {
            var (before, length, first) = (last, file.Length, rows + 1);
            try
            {
                var lines = new StringBuilder();
                foreach (var row in added)
                {
                    var text = JsonSerializer.Serialize(row with { Row = ++rows, At = clock.GetUtcNow() }, OneLine);
                    last = Link(last, text);
                    lines.Append(text.AsSpan(..^1)).Append(LinkField).Append(last).Append("\"}\n");
                }
                file.Write(Encoding.UTF8.GetBytes(lines.ToString()));
                file.Flush(flushToDisk: true);
                return first;
            }
            catch
            {
                (last, rows) = (before, first - 1);
                // Half a row must not stand before the next one.
                file.SetLength(length);
                throw;
            }
        }
    }

    public void Dispose() => file.Dispose();

    /// <returns>The first row that breaks the chain, and the first whose effect was not stored.</returns>
    (long? Broken, long? Undone) Follow(long done)
    {
        var (broken, undone) = (default(long?), default(long?));
        file.Seek(0, SeekOrigin.Begin);
        using var lines = new StreamReader(file, Encoding.UTF8, leaveOpen: true);
        while (lines.ReadLine() is { } line)
        {
            rows++;
            var split = Math.Max(0, line.LastIndexOf(LinkField, StringComparison.Ordinal));
            var (text, link) = (line[..split] + "}", line[split..].Replace(LinkField, "", StringComparison.Ordinal).TrimEnd('}', '"'));
            if (link == Link(last, text) && JsonSerializer.Deserialize<AuditRow>(text, OneLine) is { } row)
            {
                rows = row.Row;
                if (rows > done && Acts.ChangesClients(row.Act)) undone ??= rows;
                // It was told at an earlier start.
                if (row.Act == Acts.NotDone) undone = null;
            }
            else
            {
                broken ??= rows;
            }
            // Also behind a broken row: those after it are not to blame.
            last = link;
        }
        return (broken, undone);
    }

    long EndOfLastLine()
    {
        var chunk = new byte[4096];
        for (var end = file.Length; end > 0; end -= chunk.Length)
        {
            var start = Math.Max(0, end - chunk.Length);
            file.Seek(start, SeekOrigin.Begin);
            file.ReadExactly(chunk, 0, (int)(end - start));
            if (chunk.AsSpan(0, (int)(end - start)).LastIndexOf((byte)'\n') is var at and >= 0) return start + at + 1;
        }
        return 0;
    }

    static string Link(string before, string row) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(before + row)));
}

/// <summary>A row of <c>audit.jsonl</c>; the link comes behind it.</summary>
/// <param name="Act">One of <see cref="Acts"/>.</param>
/// <param name="Client">The client that it was done to, or that was refused; null when there is no such client.</param>
/// <param name="By">The client that did it; null for the token server itself.</param>
/// <param name="Address">From where.</param>
/// <param name="Detail">What, or why not. Never a secret, nor what a caller wrote that is not checked.</param>
sealed record AuditRow(string Act, string? Client = null, string? By = null, string? Address = null, string? Detail = null)
{
    public long Row { get; init; }

    public DateTimeOffset At { get; init; }
}

/// <summary>What a row of <c>audit.jsonl</c> may be about.</summary>
static class Acts
{
    public const string Registered = "REGISTERED", Changed = "CHANGED", Renewed = "RENEWED", Deleted = "DELETED";

    public const string TokenRevoked = "TOKEN_REVOKED";

    public const string Refused = "REFUSED", Throttled = "THROTTLED", NotWritten = "REFUSALS_NOT_WRITTEN";

    public const string NotDone = "NOT_DONE", ChainBroken = "CHAIN_BROKEN";

    public static bool ChangesClients(string act) => act is Registered or Changed or Renewed or Deleted or TokenRevoked;
}

/// <summary>Who acts on clients, and from where.</summary>
/// <param name="Client">Their client id; null for the token server itself.</param>
sealed record ActedBy(string? Client, string? Address)
{
    public static readonly ActedBy Itself = new(null, null);
}
