using System.CommandLine;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Cli.Commands;

/// <summary><c>bw restore</c>: puts backups in the place of stores.</summary>
internal static class RestoreCommand
{
    /// <summary>As the contract names that there is no backup.</summary>
    private const string None = "none";

    private static readonly string[] Headers = ["store", "backup", "new source", "events lost", "replaced file"];

    public static Command Create(Settings settings)
    {
        var (store, service, reason, requestId, yes) = (Inputs.Store(), Inputs.OneService(), Inputs.Reason(), Inputs.RequestId(), Inputs.Yes());
        var backup = new Option<string?>("--backup") { Description = "Which backup, as bw backup list names it; the newest when not given. Needs --service." };
        var before = new Option<DateTimeOffset?>("--before") { Description = "The newest backup of each store that was taken before this moment, such as 2018-06-15T12:00:00Z." };
        var empty = new Option<bool>("--empty")
        {
            Description = "There is no backup: the store begins empty. Only one that is missing or in quarantine. Needs --service.",
        };
        var command = new Command("restore", "Puts a backup in the place of a municipality's stores, or of the platform's. Resume tokens from before are refused afterwards.")
        {
            store, service, backup, before, empty, reason, requestId, yes,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(backup) is not null && result.GetValue(service) is null) result.AddError("--backup names the backup of one store: say which with --service.");
            if (result.GetValue(backup) is not null && result.GetValue(before) is not null) result.AddError("--backup and --before exclude each other.");
            if (!result.GetValue(empty)) return;
            if (result.GetValue(service) is null) result.AddError("--empty gives up what one store held: say which with --service.");
            if (result.GetValue(backup) is not null || result.GetValue(before) is not null) result.AddError("--empty takes no backup.");
        });
        command.Does(settings, async (parsed, output, connection, cancel) =>
        {
            var code = Inputs.CodeOf(parsed.GetValue(store)!);
            var chosen = parsed.GetValue(empty)
                ? [new Backup { Service = parsed.GetValue(service), BackupId = None }]
                : await ChooseAsync(
                    parsed.GetValue(store)!, Inputs.ServicesOf(parsed.GetValue(service)), parsed.GetValue(backup), parsed.GetValue(before),
                    connection, cancel);
            var told = chosen.Select(one => $"{one.Service}/{Inputs.NameOf(code)}: {Described(one)}");
            if (!parsed.GetValue(yes)) output.Say(string.Join('\n', told));
            Confirmation.Require(parsed.GetValue(yes), output, $"Replace {chosen.Count} store(s) of {parsed.GetValue(store)}? Calls are refused meanwhile, and what was recorded since is lost to them.");

            var restored = await EveryStore<Restored>.AskAsync([.. chosen.Select(one => one.Service)], parsed.GetValue(store)!, async name =>
            {
                var request = new RestoreStoreRequest
                {
                    Municipality = code, RequestId = parsed.GetValue(requestId)!, Service = name, Reason = parsed.GetValue(reason)!, BackupId = chosen.Single(one => one.Service == name).BackupId,
                };
                var answer = await connection.ChangeAsync(
                    name, request.RequestId, at => new OperationsService.OperationsServiceClient(at).RestoreStoreAsync(request, deadline: DateTime.UtcNow + Connection.LongPatience, cancellationToken: cancel), cancel);
                return new Restored($"{name}/{Inputs.NameOf(code)}", request.BackupId, answer);
            });
            output.Show(restored.Answers, all => output.Table(Headers, all.Select(Row)));
            return restored.Tell(output);
        });
        return command;
    }

    /// <summary>The backup of each store that is meant. All of them are known before the first store is touched.</summary>
    /// <exception cref="Failure">A service could not be asked, or nothing fits.</exception>
    private static async Task<List<Backup>> ChooseAsync(string store, IReadOnlyList<string> services, string? backupId, DateTimeOffset? before, Connection connection, CancellationToken cancel)
    {
        var found = await EveryStore<List<Backup>>.AskAsync(services, store, name => BackupCommand.OfAsync(name, Inputs.CodeOf(store), connection, cancel));
        if (found.Failures.Count > 0) throw found.Failures[0];
        var chosen = found.Answers.Select(backups => backups.Find(one => backupId is null ? before is null || one.TakenAt.ToDateTimeOffset() < before : one.BackupId == backupId)).OfType<Backup>().ToList();
        return chosen.Count > 0 ? chosen : throw Failure.NotFound($"There is no such backup of {store}; bw backup list {store} says which there are.");
    }

    private static string Described(Backup one) => one.BackupId == None
        ? "it begins empty; what it alone held is lost"
        : $"{one.BackupId}, taken at {Texts.Instant(one.TakenAt.ToDateTimeOffset())}, up to position {one.Position}";

    private static string[] Row(Restored restored) =>
    [
        restored.Store, restored.Backup, restored.Answer.Source, restored.Answer.HasLostEvents ? $"{restored.Answer.LostEvents}" : "unknown", restored.Answer.ReplacedFile,
    ];

    private sealed record Restored(string Store, string Backup, RestoreStoreResponse Answer);
}
