using BeschutWerk.Identity;
using Microsoft.AspNetCore.Connections;

try
{
    await using var app = IdentityProcess.Build(args);
    var stopping = app.Lifetime.ApplicationStopping;
    try
    {
        await app.RunAsync();
    }
    catch (OperationCanceledException) when (stopping.IsCancellationRequested)
    {
        // Told to stop before it had started.
    }

    return 0;
}
catch (Exception error) when (error is InvalidDataException or ArgumentException or IOException { InnerException: AddressInUseException })
{
    // What an operator can mend is a sentence, not a stack trace.
    await Console.Error.WriteLineAsync(error.Message);
    return 1;
}
