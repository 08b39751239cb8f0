using System.CommandLine;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Cli.Commands;

/// <summary><c>bw backup</c>: copies of stores, and which there are.</summary>
internal static class BackupCommand
{
    private static readonly string[] Headers = ["store", "backup", "taken at", "position", "size"];

    public static Command Create(Settings settings)
    {
        var (store, service, requestId) = (Inputs.Store(), Inputs.OneService(), Inputs.RequestId());
        var command = new Command("backup", "Copies the stores of a municipality, or of the platform, while calls go on.") { store, service, requestId, List(settings) };
        command.Does(settings, async (parsed, output, connection, cancel) =>
        {
            var request = new BackupStoreRequest { Municipality = Inputs.CodeOf(parsed.GetValue(store)!), RequestId = parsed.GetValue(requestId)! };
            var made = await EveryStore<Backup>.AskAsync(Inputs.ServicesOf(parsed.GetValue(service)), parsed.GetValue(store)!, async name =>
            {
                var ofService = new BackupStoreRequest(request) { Service = name };
                return (await connection.ChangeAsync(
                    name, request.RequestId, at => new OperationsService.OperationsServiceClient(at).BackupStoreAsync(ofService, deadline: DateTime.UtcNow + Connection.LongPatience, cancellationToken: cancel), cancel)).Backup;
            });
            Show(output, made.Answers);
            return made.Tell(output);
        });
        return command;
    }

    /// <summary>The backups of a store, newest first.</summary>
    public static async Task<List<Backup>> OfAsync(string service, string code, Connection connection, CancellationToken cancel)
    {
        var (request, backups) = (new ListBackupsRequest { Service = service, Municipality = code }, new List<Backup>());
        do
        {
            var page = await connection.AskAsync(service, at => new OperationsService.OperationsServiceClient(at).ListBackupsAsync(request, cancellationToken: cancel), cancel);
            backups.AddRange(page.Backups);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return backups;
    }

    /// <summary>Writes a list of backups.</summary>
    public static void Show(Output output, IEnumerable<Backup> backups) => output.Show(backups, all => output.Table(Headers, all.Select(backup => new[]
    {
        $"{backup.Service}/{Inputs.NameOf(backup.Municipality)}", backup.BackupId, Texts.Instant(backup.TakenAt.ToDateTimeOffset()), $"{backup.Position}", Texts.Bytes(backup.Bytes),
    })));

    private static Command List(Settings settings)
    {
        var (store, service) = (Inputs.Store(), Inputs.OneService());
        var command = new Command("list", "The backups of a municipality's stores, or of the platform's, newest first.") { store, service };
        command.Does(settings, async (parsed, output, connection, cancel) =>
        {
            var found = await EveryStore<List<Backup>>.AskAsync(
                Inputs.ServicesOf(parsed.GetValue(service)), parsed.GetValue(store)!, name => OfAsync(name, Inputs.CodeOf(parsed.GetValue(store)!), connection, cancel));
            Show(output, found.Answers.SelectMany(backups => backups));
            return found.Tell(output);
        });
        return command;
    }
}
