using System.Security.Cryptography;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;

namespace BeschutWerk.Backbone.Operations;

/// <summary>
/// Where backups stand: <c>&lt;service&gt;/&lt;GM code or platform&gt;/&lt;id&gt;.db</c> with what is known of each as JSON beside it. The
/// keys that open them stand in a folder of their own, which belongs on another medium: who has both can read the persons.
/// </summary>
/// <param name="folder">Of the backups.</param>
/// <param name="keyFolder">Of the keys' copies.</param>
public sealed class BackupFolder(string folder, string keyFolder)
{
    /// <summary>What stands for a backup where there is none: the store begins empty. No backup has this id.</summary>
    internal const string None = "none";

    // A later program may say more of a backup; whether this one can use it shows when it is opened.
    private static readonly JsonParser Descriptions = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    /// <summary>
    /// The folder, once it is known that the keys stand apart from it: whoever copies the backups must not get the keys with them.
    /// </summary>
    /// <param name="together">They may stand together, as somebody said.</param>
    /// <exception cref="StartupException">They stand together, and nobody said so.</exception>
    public static BackupFolder Of(string folder, string keyFolder, bool together)
    {
        if (together) return new BackupFolder(folder, keyFolder);
        const string Say = "Who has both can read the persons; if they are kept together on purpose, say Backup__KeysBesideBackups=true.";
        if (IsIn(keyFolder, folder) || IsIn(folder, keyFolder))
            throw new StartupException(
                $"The copies of keys ({keyFolder}) would stand with the backups ({folder}). Set Backup__KeyFolder to another place. {Say}");
        // Where they stood by default before.
        var beside = Path.Combine(folder, "keys");
        if (Directory.Exists(beside) && Directory.EnumerateFiles(beside, "*.key").Any())
            throw new StartupException($"{beside} holds copies of keys, beside the backups. Move them to {keyFolder}. {Say}");
        return new BackupFolder(folder, keyFolder);

        static bool IsIn(string one, string other) => Closed(one).StartsWith(Closed(other), StringComparison.Ordinal);

        static string Closed(string path) => Path.TrimEndingDirectorySeparator(path) + Path.DirectorySeparatorChar;
    }

    internal string PathOf(StoreName store, string backupId) => Path.Combine(folder, store.Service, store.Origin, backupId + ".db");

    /// <summary>Where a copy of that key stands, or would.</summary>
    internal string KeyPath(string service, string key) => Path.Combine(keyFolder, $"{service}-{key}.key");

    /// <summary>Makes a backup with a function that writes the file.</summary>
    internal Backup Add(StoreName store, string key, DateTimeOffset now, Func<string, StoreContents> write, Action<string> keepKey)
    {
        var id = $"{now.UtcDateTime:yyyyMMdd't'HHmmssfff'z'}-{StoreFile.NewEpoch()}";
        var path = PathOf(store, id);
        foreach (var place in new[] { folder, Path.Combine(folder, store.Service), Path.GetDirectoryName(path)!, keyFolder })
            PrivateFile.MakeFolder(place);
        var (unfinished, description) = (path + ".new", Path.ChangeExtension(path, ".json"));
        try
        {
            var contents = write(unfinished);
            keepKey(KeyPath(store.Service, key));
            var backup = new Backup
            {
                BackupId = id, Service = store.Service, Municipality = store.Tenant?.Code ?? "", Source = contents.Source, Position = contents.Position,
                Sequence = contents.Sequence, TakenAt = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(now), Key = key,
                Bytes = new FileInfo(unfinished).Length, Sha256 = Sha256(unfinished),
            };
            Flush(unfinished);
            PrivateFile.Move(unfinished, path);
            // Last: what is described is whole.
            PrivateFile.Write(description, System.Text.Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(backup)));
            return backup;
        }
        catch
        {
            // What is not described is no backup, and would only take room.
            foreach (var left in new[] { unfinished, path, description }) PrivateFile.Discard(left);
            throw;
        }
    }

    /// <summary>The backups of a store, newest first, and the files that should describe one and cannot be read.</summary>
    internal (List<Backup> Backups, List<string> Unreadable) List(StoreName store)
    {
        var (found, unreadable) = (new List<Backup>(), new List<string>());
        var place = Path.GetDirectoryName(PathOf(store, "any"))!;
        if (!Directory.Exists(place)) return (found, unreadable);
        foreach (var path in Directory.EnumerateFiles(place, "*.json").OrderDescending(StringComparer.Ordinal))
        {
            try
            {
                found.Add(Descriptions.Parse<Backup>(File.ReadAllText(path)));
            }
            catch (Exception error) when (error is InvalidProtocolBufferException or IOException or UnauthorizedAccessException)
            {
                unreadable.Add(Path.GetFileName(path));
            }
        }

        return (found, unreadable);
    }

    /// <summary>A backup of that store, once its file is found to be what was written.</summary>
    /// <exception cref="RefusalException">NOT_FOUND, BACKUP_UNUSABLE.</exception>
    internal Backup Find(StoreName store, string backupId)
    {
        var backup = List(store).Backups.Find(found => found.BackupId == backupId) ?? throw Refusal.NotFound("backup of this store").ToException();
        var path = PathOf(store, backupId);
        if (!File.Exists(path)) throw Unusable("its file is missing");
        return Sha256(path) == backup.Sha256 ? backup : throw Unusable("its file is not the one that was written");
    }

    internal static RefusalException Unusable(string why) => Refusal.Of(ErrorReason.BackupUnusable, $"The backup cannot be used: {why}.").ToException();

    private static string Sha256(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static void Flush(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Flush(flushToDisk: true);
    }
}
