using BeschutWerk.Backbone.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting;

namespace BeschutWerk.Backbone;

/// <summary>Runs the programs of the platform.</summary>
public static class Startup
{
    /// <summary>Runs a program. What an operator can mend is one sentence on standard error, not a stack trace.</summary>
    /// <returns>The exit code: 1 when it could not start, otherwise what the program says.</returns>
    public static async Task<int> RunAsync(Func<Task<int>> program)
    {
        try
        {
            return await program();
        }
        catch (Exception error) when (SentenceOf(error) is { } sentence)
        {
            await Console.Error.WriteLineAsync(sentence);
            return 1;
        }
    }

    /// <summary>Serves until it is told to stop, which may be before it has started.</summary>
    /// <param name="app">The process.</param>
    /// <param name="started">Called once it serves.</param>
    /// <param name="cancel">Tells it to stop, as a signal does.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> ServeAsync(WebApplication app, Action? started = null, CancellationToken cancel = default)
    {
        try
        {
            await app.StartAsync(cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested || app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return 0;
        }

        started?.Invoke();
        await app.WaitForShutdownAsync(cancel);
        return 0;
    }

    private static string? SentenceOf(Exception error) => error switch
    {
        StartupException or InvalidDataException => error.Message,
        IOException { InnerException: AddressInUseException } => $"{error.Message.TrimEnd('.')}. Stop what listens there, or choose another port.",
        _ => null,
    };
}
