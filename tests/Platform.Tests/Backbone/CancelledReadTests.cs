using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>Nobody computes for a caller who went away.</summary>
public sealed class CancelledReadTests : NotesTest
{
    private const string Endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT COUNT(*) FROM n";

    private static readonly Caller Reader = Caller.OfService("test");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_read_ends_when_nobody_waits_for_it_any_more_in_whatever_statement_it_is(bool prepared)
    {
        var store = (await StartAsync()).Notes.PlatformStore;
        using var gone = new CancellationTokenSource();
        var began = new TaskCompletionSource();
        var read = Task.Run(() => store.Read(Reader, session =>
        {
            began.SetResult();
            return prepared ? session.Statement(Endless).Step() : session.Command(Endless).ExecuteScalar() is not null;
        }, gone.Token));
        await began.Task;
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(TimeSpan.FromSeconds(30)));

        // That is no fault of the store.
        Assert.Null(store.Quarantine);
        Assert.Equal(1L, store.Read(Reader, session => session.Command("SELECT 1").ExecuteScalar()));
    }
}
