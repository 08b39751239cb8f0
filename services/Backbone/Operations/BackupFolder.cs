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
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    internal string PathOf(StoreName store, string backupId) => Path.Combine(folder, store.Service, store.Origin, backupId + ".db");

    /// <summary>Where a copy of that key stands, or would.</summary>
    internal string KeyPath(string service, string key) => Path.Combine(keyFolder, $"{service}-{key}.key");

    /// <summary>Makes a backup with a function that writes the file.</summary>
    internal Backup Add(StoreName store, string key, DateTimeOffset now, Func<string, StoreContents> write, Action<string> keepKey)
    {
        var id = $"{now.UtcDateTime:yyyyMMdd't'HHmmssfff'z'}-{StoreFile.NewEpoch()}";
        var path = PathOf(store, id);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, Private);
        Directory.CreateDirectory(keyFolder, Private);
        var unfinished = path + ".new";
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
            File.Move(unfinished, path);
            // Last: what is described is whole.
            File.WriteAllText(Path.ChangeExtension(path, ".json.new"), JsonFormatter.Default.Format(backup));
            Flush(Path.ChangeExtension(path, ".json.new"));
            File.Move(Path.ChangeExtension(path, ".json.new"), Path.ChangeExtension(path, ".json"));
            return backup;
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>The backups of a store, newest first.</summary>
    internal List<Backup> List(StoreName store)
    {
        var place = Path.GetDirectoryName(PathOf(store, "any"))!;
        if (!Directory.Exists(place)) return [];
        return [.. Directory.EnumerateFiles(place, "*.json").OrderDescending(StringComparer.Ordinal).Select(path => JsonParser.Default.Parse<Backup>(File.ReadAllText(path)))];
    }

    /// <summary>A backup of that store, once its file is found to be what was written.</summary>
    /// <exception cref="RefusalException">NOT_FOUND, BACKUP_UNUSABLE.</exception>
    internal Backup Find(StoreName store, string backupId)
    {
        var backup = List(store).Find(found => found.BackupId == backupId) ?? throw Refusal.NotFound("backup of this store").ToException();
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
