using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Backbone.Store;

/// <summary>
/// A connection that keeps what EF Core had it prepare. EF makes a new command for every query and every save; parsing the
/// same texts again and again was a tenth of the time of a use case.
/// </summary>
internal sealed class StoreConnection(string connectionString) : SqliteConnection(connectionString)
{
    // A save of many rows at once is one long text that hardly comes back.
    private const int LongestKept = 4096, MostKept = 64;

    private readonly Dictionary<string, SqliteCommand> _idle = new(StringComparer.Ordinal);

    protected override DbCommand CreateDbCommand() => new KeptCommand(this);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var command in _idle.Values) command.Dispose();
            _idle.Clear();
        }

        base.Dispose(disposing);
    }

    private SqliteCommand Take(string text)
    {
        if (_idle.Remove(text, out var kept)) return kept;
        var command = CreateCommand();
#pragma warning disable CA2100 // EF Core's texts; values travel as parameters.
        command.CommandText = text;
#pragma warning restore CA2100
        return command;
    }

    private void GiveBack(SqliteCommand command)
    {
        command.Parameters.Clear();
        if (command.CommandText.Length > LongestKept || _idle.Count >= MostKept || !_idle.TryAdd(command.CommandText, command)) command.Dispose();
    }

    /// <summary>What EF Core holds for the time of one statement; the prepared one behind it goes back to the connection.</summary>
    private sealed class KeptCommand(StoreConnection connection) : DbCommand
    {
        private SqliteCommand? _prepared;

        [AllowNull]
        public override string CommandText
        {
            get => _prepared?.CommandText ?? "";
            set
            {
                Return();
                _prepared = connection.Take(value ?? "");
            }
        }

        public override int CommandTimeout { get; set; }

        public override CommandType CommandType { get; set; } = CommandType.Text;

        public override bool DesignTimeVisible { get; set; }

        public override UpdateRowSource UpdatedRowSource { get; set; }

        protected override DbConnection? DbConnection
        {
            get => connection;
            set => throw new NotSupportedException("A command stays with the connection that made it.");
        }

        protected override DbTransaction? DbTransaction { get; set; }

        protected override DbParameterCollection DbParameterCollection => Prepared.Parameters;

        private SqliteCommand Prepared => _prepared ?? throw new InvalidOperationException("The text comes first: it tells which statement this is.");

        public override void Cancel() => Prepared.Cancel();

        public override int ExecuteNonQuery() => Prepared.ExecuteNonQuery();

        public override object? ExecuteScalar() => Prepared.ExecuteScalar();

        public override void Prepare() => Prepared.Prepare();

        protected override DbParameter CreateDbParameter() => Prepared.CreateParameter();

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => Prepared.ExecuteReader(behavior);

        protected override void Dispose(bool disposing)
        {
            if (disposing) Return();
            base.Dispose(disposing);
        }

        private void Return()
        {
            if (_prepared is null) return;
            connection.GiveBack(_prepared);
            _prepared = null;
        }
    }
}
