using System.CommandLine;
using BeschutWerk.Cli.Broker;

namespace BeschutWerk.Cli.Commands;

/// <summary><c>bw broker</c>: users with which a municipality reads its own events from RabbitMQ, by any AMQP client.</summary>
internal static class BrokerCommand
{
    private static readonly string[] Headers = ["user", "password", "virtual host", "exchange", "binding key", "queues"];

    public static Command Create(Settings settings)
    {
        var management = new Option<string?>("--management") { Description = "RabbitMQ's management listener [BW_BROKER_MANAGEMENT; default http://localhost:15672/].", Recursive = true };
        var host = new Option<string?>("--vhost") { Description = "The services' virtual host [BW_BROKER_VHOST; default /].", Recursive = true };
        var admin = new Option<string?>("--admin-file") { Description = "File (0600) with user:password of an administrator of the broker [BW_BROKER_ADMIN_FILE; or both in BW_BROKER_ADMIN].", Recursive = true };
        ManagementApi Broker(ParseResult parsed) => new(
            Settings.Address("--management", parsed.GetValue(management) ?? Settings.Environed("BW_BROKER_MANAGEMENT") ?? "http://localhost:15672/"),
            Administrator(parsed.GetValue(admin)), parsed.GetValue(host) ?? Settings.Environed("BW_BROKER_VHOST") ?? "/");
        return new Command("broker", "Users of the broker for municipalities.") { management, host, admin, Issue(settings, Broker), Revoke(settings, Broker) };
    }

    private static Command Issue(Settings settings, Func<ParseResult, ManagementApi> broker)
    {
        var municipality = Inputs.Municipality();
        var file = new Option<string?>("--password-file") { Description = "Write the password into this new file (0600) instead of showing it." };
        var command = new Command("user", "Makes the broker user of a municipality, or gives it a new password: it reads its own events and nothing else.") { municipality, file };
        command.SetAction(async (parsed, cancel) =>
        {
            var (user, password) = (new BrokerUser(parsed.GetValue(municipality)!), BrokerUser.NewPassword());
            using var api = broker(parsed);
            var path = parsed.GetValue(file);
            // First: the password that the user had is over once the broker knows the new one.
            if (path is not null) SecretFile.Write(path, password);
            try
            {
                await api.IssueAsync(user, password, cancel);
            }
            catch (Failure) when (path is not null)
            {
                File.Delete(path);
                throw;
            }

            settings.OutputOf(parsed).Show(
                new { User = user.Name, Password = path is null ? password : null, PasswordFile = path, api.VirtualHost, BrokerUser.Exchange, user.BindingKey, user.QueuePrefix },
                made => settings.OutputOf(parsed).Table(Headers, [[made.User, made.Password ?? $"in {made.PasswordFile}", made.VirtualHost, BrokerUser.Exchange, made.BindingKey, made.QueuePrefix + "*"]]));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Revoke(Settings settings, Func<ParseResult, ManagementApi> broker)
    {
        var (municipality, yes) = (Inputs.Municipality(), Inputs.Yes());
        var command = new Command("revoke", "Removes the broker user of a municipality, its connections and its queues.") { municipality, yes };
        command.SetAction(async (parsed, cancel) =>
        {
            var (user, output) = (new BrokerUser(parsed.GetValue(municipality)!), settings.OutputOf(parsed));
            using var api = broker(parsed);
            Confirmation.Require(parsed.GetValue(yes), output, $"Remove broker user {user.Name} and its queues?");
            var queues = await api.RevokeAsync(user, cancel);
            output.Done(new { User = user.Name, Queues = queues }, $"User {user.Name} is removed, and {queues} queue(s) with it.");
            return ExitCode.Done;
        });
        return command;
    }

    private static Credentials Administrator(string? file)
    {
        var text = (file ?? Settings.Environed("BW_BROKER_ADMIN_FILE")) is { } path ? SecretFile.Read(path)
            : Settings.Environed("BW_BROKER_ADMIN") ?? throw new Failure(ExitCode.Usage, "Who administers the broker? Put user:password in a file (0600) and name it with --admin-file, or in BW_BROKER_ADMIN.");
        return text.Split(':', 2) is [var user, var password]
            ? new Credentials(user, password)
            : throw new Failure(ExitCode.Usage, "The administrator of the broker is written as user:password.");
    }
}
