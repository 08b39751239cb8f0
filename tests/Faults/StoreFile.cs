using Microsoft.Data.Sqlite;

namespace BeschutWerk.Faults;

/// <summary>A store's file as it lies on the disk, read past the service that owns it.</summary>
internal sealed class StoreFile : IDisposable
{
    private readonly SqliteConnection _connection;

    private StoreFile(string path)
    {
        // As the services do: what is written past the check of pages is taken for damage.
        BeschutWerk.Backbone.Store.SqliteEngine.Prepare();
        Path = path;
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
        _connection.Open();
    }

    public string Path { get; }

    /// <summary>Service and GM code or platform, such as swcompanies/GM0363.</summary>
    public string Name => $"{System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(Path))}/{System.IO.Path.GetFileNameWithoutExtension(Path)}";

    public static StoreFile At(string path) => new(path);

    public static StoreFile Of(Platform platform, string service, string origin) => new(PathOf(platform, service, origin));

    public static bool Exists(Platform platform, string service, string origin) => File.Exists(PathOf(platform, service, origin));

    /// <summary>All files of all services.</summary>
    public static IEnumerable<StoreFile> All(Platform platform) => TestProcesses.SplitServices.Names
        .SelectMany(service => Directory.GetFiles(System.IO.Path.Combine(platform.Folder, service), "*.db")).Select(path => new StoreFile(path));

    public long Number(string sql, params (string Name, object Value)[] parameters) => Rows(sql, row => row.IsDBNull(0) ? 0 : row.GetInt64(0), parameters).Single();

    public List<T> Rows<T>(string sql, Func<SqliteDataReader, T> read, params (string Name, object Value)[] parameters)
    {
        using var command = Command(sql);
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        using var row = command.ExecuteReader();
        var rows = new List<T>();
        while (row.Read()) rows.Add(read(row));
        return rows;
    }

    public int Execute(string sql, params (string Name, object Value)[] parameters)
    {
        using var command = Command(sql);
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command.ExecuteNonQuery();
    }

    public SqliteCommand Command(string sql)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this program.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }

    /// <summary>An id as stores keep it.</summary>
    public static Guid Id(SqliteDataReader row, int column = 0) => new(row.GetFieldValue<byte[]>(column), bigEndian: true);

    public void Dispose() => _connection.Dispose();

    private static string PathOf(Platform platform, string service, string origin) => System.IO.Path.Combine(platform.Folder, service, origin + ".db");
}
