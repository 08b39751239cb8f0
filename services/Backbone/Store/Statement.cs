using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace BeschutWerk.Backbone.Store;

/// <summary>
/// A prepared statement of one connection without the ADO.NET layer, which costs as much per row as SQLite itself.
/// For hot paths; everything else is better off with EF Core. Parameters are positional, from 1; columns from 0.
/// </summary>
public sealed class Statement : IDisposable
{
    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;

    internal Statement(SqliteConnection connection, string sql)
    {
        _connection = connection.Handle!;
        Check(raw.sqlite3_prepare_v3(_connection, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    /// <summary>Sets a whole number; dates as yyyymmdd, enums by their number.</summary>
    public void Bind(int parameter, long value) => Check(raw.sqlite3_bind_int64(_statement, parameter, value));

    /// <summary>Sets a date, as the number yyyymmdd.</summary>
    public void Bind(int parameter, DateOnly value) => Bind(parameter, StoreContext.Number(value));

    /// <summary>Sets an id, as sixteen bytes.</summary>
    public void Bind(int parameter, Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        Check(raw.sqlite3_bind_blob(_statement, parameter, bytes));
    }

    /// <summary>Sets a text.</summary>
    public void Bind(int parameter, string value)
    {
        const int OnStack = 512;
        var most = Encoding.UTF8.GetMaxByteCount(value.Length);
        var bytes = most <= OnStack ? stackalloc byte[OnStack] : new byte[most];
        Check(raw.sqlite3_bind_text(_statement, parameter, bytes[..Encoding.UTF8.GetBytes(value, bytes)]));
    }

    /// <summary>Sets a text, or NULL.</summary>
    public void BindOrNull(int parameter, string? value)
    {
        if (value is null) Check(raw.sqlite3_bind_null(_statement, parameter));
        else Bind(parameter, value);
    }

    /// <summary>Sets a date, or NULL.</summary>
    public void BindOrNull(int parameter, DateOnly? value)
    {
        if (value is { } date) Bind(parameter, date);
        else Check(raw.sqlite3_bind_null(_statement, parameter));
    }

    /// <summary>Sets a whole number, or NULL.</summary>
    public void BindOrNull(int parameter, long? value)
    {
        if (value is { } number) Bind(parameter, number);
        else Check(raw.sqlite3_bind_null(_statement, parameter));
    }

    /// <summary>Sets an id, or NULL.</summary>
    public void BindOrNull(int parameter, Guid? value)
    {
        if (value is { } id) Bind(parameter, id);
        else Check(raw.sqlite3_bind_null(_statement, parameter));
    }

    /// <summary>Sets bytes, or NULL.</summary>
    public void BindOrNull(int parameter, byte[]? value)
    {
        if (value is not null) Bind(parameter, value);
        else Check(raw.sqlite3_bind_null(_statement, parameter));
    }

    /// <summary>Sets bytes.</summary>
    public void Bind(int parameter, ReadOnlySpan<byte> value) => Check(raw.sqlite3_bind_blob(_statement, parameter, value));

    /// <summary>The next row; false at the end. After the last row that is wanted, <see cref="Reset"/>.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        if (code == raw.SQLITE_ROW) return true;
        if (code == raw.SQLITE_DONE) return false;

        // Reset gives the extended code, and leaves the statement usable for the next operation.
        Check(raw.sqlite3_reset(_statement));
        throw new SqliteException($"SQLite answered {code}.", code);
    }

    /// <summary>Runs to the end and resets; for statements without rows.</summary>
    /// <returns>How many rows it changed.</returns>
    public int Run()
    {
        while (Step())
        {
        }

        Reset();
        return raw.sqlite3_changes(_connection);
    }

    /// <summary>Runs the insertion of one row. Without RETURNING, for which SQLite makes a temporary table each time.</summary>
    /// <returns>The number of the row.</returns>
    public long Insert()
    {
        Run();
        return raw.sqlite3_last_insert_rowid(_connection);
    }

    /// <summary>Back to before the first row; an open statement would keep its snapshot.</summary>
    public void Reset() => Check(raw.sqlite3_reset(_statement));

    /// <summary>Back to before the first row, whatever became of it: reset repeats the error that the statement ended with.</summary>
    internal void Abandon() => raw.sqlite3_reset(_statement);

    /// <summary>Whether the column is NULL.</summary>
    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    /// <summary>A whole number.</summary>
    public long Number(int column) => raw.sqlite3_column_int64(_statement, column);

    /// <summary>A date.</summary>
    public DateOnly Date(int column) => StoreContext.Date((int)Number(column));

    /// <summary>An id.</summary>
    public Guid Id(int column) => new(raw.sqlite3_column_blob(_statement, column), bigEndian: true);

    /// <summary>A date, or NULL.</summary>
    public DateOnly? DateOrNull(int column) => IsNull(column) ? null : Date(column);

    /// <summary>An id, or NULL.</summary>
    public Guid? IdOrNull(int column) => IsNull(column) ? null : Id(column);

    /// <summary>A text, or NULL.</summary>
    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    /// <summary>Bytes, as long as the row stands.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(_statement, column);

    /// <summary>A text.</summary>
    public string Text(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string();

    /// <inheritdoc/>
    public void Dispose() => _statement.Dispose();

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK) SqliteException.ThrowExceptionForRC(code, _connection);
    }
}
