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
    readonly LineFile file;
    readonly TimeProvider clock;
    string last = new('0', 2 * SHA256.HashSizeInBytes);
    long rows;

    /// <summary>Opens the file, follows the chain to its end, and adds a row about what is wrong with it.</summary>
    /// <param name="folder">The data folder of the token server.</param>
    /// <param name="ofClients">The last row whose effect stands in <c>clients.json</c>.</param>
    /// <param name="ofCitizens">The last row whose effect stands in <c>citizens.jsonl</c>.</param>
    public AuditLog(string folder, long ofClients, long ofCitizens, TimeProvider clock)
    {
        this.clock = clock;
        file = new LineFile(Path.Combine(folder, FileName));
        var (broken, undone) = Follow(ofClients, ofCitizens);
        var (end, done) = (rows, Math.Max(ofClients, ofCitizens));
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
            var (before, first) = (last, rows + 1);
            try
            {
                var lines = new StringBuilder();
                foreach (var row in added)
                {
                    var text = JsonSerializer.Serialize(row with { Row = ++rows, At = clock.GetUtcNow() }, OneLine);
                    last = Link(last, text);
                    lines.Append(text.AsSpan(..^1)).Append(LinkField).Append(last).Append("\"}\n");
                }
                file.Add(lines.ToString());
                return first;
            }
            catch
            {
                (last, rows) = (before, first - 1);
                throw;
            }
        }
    }

    /// <summary>Tells that rows had no effect, because the file that would hold it could not be written.</summary>
    public void TellNotDone(string fileName, long row)
    {
        try
        {
            Add([new(Acts.NotDone, Detail: $"{fileName} could not be written: row {row} and those behind it had no effect.")]);
        }
        catch (IOException)
        {
            // The disk takes nothing at all. The next start tells it.
        }
    }

    public void Dispose() => file.Dispose();

    /// <returns>The first row that breaks the chain, and the first whose effect was not stored.</returns>
    (long? Broken, long? Undone) Follow(long ofClients, long ofCitizens)
    {
        var (broken, undone) = (default(long?), default(long?));
        foreach (var line in file.Read())
        {
            rows++;
            var split = Math.Max(0, line.LastIndexOf(LinkField, StringComparison.Ordinal));
            var (text, link) = (line[..split] + "}", line[split..].Replace(LinkField, "", StringComparison.Ordinal).TrimEnd('}', '"'));
            if (link == Link(last, text) && JsonSerializer.Deserialize<AuditRow>(text, OneLine) is { } row)
            {
                rows = row.Row;
                if (rows > (row.Act == Acts.CitizenBound ? ofCitizens : ofClients) && Acts.HasEffect(row.Act)) undone ??= rows;
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

    /// <summary>A citizen's pseudonym stands for a person from now on.</summary>
    public const string CitizenBound = "CITIZEN_BOUND";

    public const string Refused = "REFUSED", Throttled = "THROTTLED", NotWritten = "REFUSALS_NOT_WRITTEN";

    public const string NotDone = "NOT_DONE", ChainBroken = "CHAIN_BROKEN";

    /// <summary>Whether something stands in another file once it is done.</summary>
    public static bool HasEffect(string act) => act is Registered or Changed or Renewed or Deleted or TokenRevoked or CitizenBound;
}

/// <summary>Who acts on clients, and from where.</summary>
/// <param name="Client">Their client id; null for the token server itself.</param>
sealed record ActedBy(string? Client, string? Address)
{
    public static readonly ActedBy Itself = new(null, null);
}
