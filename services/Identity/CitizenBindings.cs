using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace BeschutWerk.Identity;

/// <summary>
/// Which person each pseudonym of a citizen stands for, in <c>citizens.jsonl</c>: bound at the first token, and from then on nobody else's.
/// Persons stand there as tokens name them, so that the file tells nobody who they are. Those who come first at the same time are
/// written together.
/// </summary>
sealed class CitizenBindings : IDisposable
{
    public const string FileName = "citizens.jsonl";

    static readonly JsonSerializerOptions OneLine = new(IdentityJson.Format) { WriteIndented = false };

    readonly ConcurrentDictionary<string, byte[]> bound = new(StringComparer.Ordinal);
    readonly SemaphoreSlim writing = new(1);
    readonly Lock gate = new();
    readonly LineFile file;
    readonly PersonKey key;
    List<First> waiting = [];

    /// <summary>Reads who was bound so far.</summary>
    /// <exception cref="InvalidDataException">The file or the key cannot be read.</exception>
    public CitizenBindings(IdentityOptions options)
    {
        var path = Path.Combine(options.DataFolder, FileName);
        file = new LineFile(path);
        try
        {
            foreach (var line in file.Read()) Remember(line, path);
            var keyPath = options.PersonKeyFile ?? Path.Combine(options.DataFolder, PersonKey.FileName);
            key = PersonKey.LoadOrCreate(keyPath, isInUse: !bound.IsEmpty);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The last row of <c>audit.jsonl</c> whose effect stands here.</summary>
    public long LastAct { get; private set; }

    /// <summary>What stands for the person with this BSN, in tokens and here.</summary>
    public byte[] HashOf(string bsn) => key.HashOf(bsn);

    /// <summary>Whether a pseudonym stands for this person. One that was never seen does from now on, which is on the disk then.</summary>
    /// <param name="citizen">The pseudonym.</param>
    /// <param name="person">What stands for the person.</param>
    /// <param name="by">The portal that vouches for it.</param>
    /// <param name="audit">Where it is told.</param>
    /// <exception cref="IOException">It could not be written; nobody was bound.</exception>
    public async ValueTask<bool> IsOfAsync(string citizen, byte[] person, ActedBy by, AuditLog audit)
    {
        if (!bound.ContainsKey(citizen))
        {
            var first = new First(citizen, person, by);
            lock (gate) waiting.Add(first);
            await writing.WaitAsync();
            try
            {
                // Who was before may have written this one too.
                if (!first.IsDone) WriteWaiting(audit);
            }
            finally
            {
                writing.Release();
            }
            if (first.Fault is { } fault) throw new IOException(fault.Message, fault);
        }
        return CryptographicOperations.FixedTimeEquals(bound[citizen], person);
    }

    public void Dispose()
    {
        writing.Dispose();
        file.Dispose();
    }

    void WriteWaiting(AuditLog audit)
    {
        List<First> all;
        lock (gate) (all, waiting) = (waiting, []);
        // The first to come is who it stands for, also of several at once.
        var added = all.Where(one => !bound.ContainsKey(one.Citizen)).DistinctBy(one => one.Citizen).ToList();
        try
        {
            if (added.Count > 0) Write(added, audit);
        }
        catch (IOException fault)
        {
            foreach (var one in all) one.Fault = fault;
        }
        foreach (var one in all) one.IsDone = true;
    }

    void Write(List<First> added, AuditLog audit)
    {
        // The rows first: nothing may be done that is told nowhere.
        var row = audit.Add(
            [.. added.Select(one => new AuditRow(Acts.CitizenBound, By: one.By.Client, Address: one.By.Address, Detail: $"citizen {one.Citizen}"))]);
        var lines = new StringBuilder();
        for (var i = 0; i < added.Count; i++)
            lines.Append(JsonSerializer.Serialize(new Binding(added[i].Citizen, added[i].Person, row + i), OneLine)).Append('\n');
        try
        {
            file.Add(lines.ToString());
        }
        catch (IOException)
        {
            audit.TellNotDone(FileName, row);
            throw;
        }
        foreach (var one in added) bound[one.Citizen] = one.Person;
        LastAct = row + added.Count - 1;
    }

    void Remember(string line, string path)
    {
        try
        {
            var known = JsonSerializer.Deserialize<Binding>(line, OneLine)!;
            if (known.Person.Length != SHA256.HashSizeInBytes || !bound.TryAdd(known.Citizen, known.Person)) throw new JsonException();
            LastAct = Math.Max(LastAct, known.Act);
        }
        catch (JsonException error)
        {
            // What it says may be whom a pseudonym stands for: another one would be bound to it.
            throw new InvalidDataException(
                $"{path}: line {bound.Count + 1} is not what was written there. Put the file back from where you keep a copy.", error);
        }
    }

    /// <summary>A line of the file.</summary>
    /// <param name="Act">The row of <c>audit.jsonl</c> that tells it.</param>
    sealed record Binding(string Citizen, byte[] Person, long Act);

    /// <summary>A pseudonym that was not bound when its token was asked for.</summary>
    sealed class First(string citizen, byte[] person, ActedBy by)
    {
        public string Citizen => citizen;

        public byte[] Person => person;

        public ActedBy By => by;

        public bool IsDone { get; set; }

        public IOException? Fault { get; set; }
    }
}
