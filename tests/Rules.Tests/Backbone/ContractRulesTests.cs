using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace BeschutWerk.Rules.Tests.BackboneRules;

/// <summary>What every contract keeps to, so that one wrapper can serve all of them. (Comments are linted by buf.)</summary>
public sealed class ContractRulesTests
{
    private static readonly string[] Reads = ["Get", "List", "Search", "Explain", "Read", "Subscribe", "Compare", "Extrapolate", "Verify"];

    /// <summary>Writes without a date of an act, and why.</summary>
    private static readonly Dictionary<string, string> Undated = new()
    {
        ["beschutwerk.backbone.v1.OperationsService.BackupStore"] = "it takes what stands there now",
        ["beschutwerk.backbone.v1.OperationsService.DropParkedEvent"] = "an operator's act has no legal effect; the clock stamps it",
        ["beschutwerk.backbone.v1.OperationsService.RequeueParkedEvent"] = "the same",
        ["beschutwerk.backbone.v1.OperationsService.RestoreStore"] = "the same",
        ["beschutwerk.municipalities.v1.WebhookService.CreateWebhook"] = "where events are sent has no legal effect; the clock stamps it",
        ["beschutwerk.municipalities.v1.WebhookService.DeleteWebhook"] = "the same",
        ["beschutwerk.municipalities.v1.WebhookService.PauseWebhook"] = "the same",
        ["beschutwerk.municipalities.v1.WebhookService.ResumeWebhook"] = "the same",
        ["beschutwerk.municipalities.v1.WebhookService.RetryDelivery"] = "the same",
    };

    private static IEnumerable<MethodDescriptor> Methods =>
        BeschutWerk.Backbone.Events.Contracts.Files.SelectMany(file => file.Services).SelectMany(service => service.Methods);

    private static IEnumerable<MethodDescriptor> Writes => Methods.Where(method => !Reads.Any(verb => method.Name.StartsWith(verb, StringComparison.Ordinal)));

    [Fact]
    public void Every_call_declares_who_may_make_it()
    {
        Assert.NotEmpty(Methods);
        Assert.Empty(Methods.Where(method => method.GetOptions()?.GetExtension(RulesExtensions.Callers) is not { Count: > 0 } callers || callers.Contains(OrganisationKind.Unspecified)).Select(method => method.FullName));
    }

    [Fact]
    public void Every_rule_stands_at_a_field_that_can_be_checked_for_it()
    {
        // Checks are made at first use, and refuse a rule that they would ignore.
        foreach (var message in BeschutWerk.Backbone.Events.Contracts.Files.SelectMany(file => file.MessageTypes).Where(message => message.ClrType is not null))
        {
            FieldRules.Check(message.Parser.ParseFrom(ByteString.Empty), new DateOnly(2018, 6, 15));
        }
    }

    [Fact]
    public void Every_enum_begins_with_unspecified()
    {
        var enums = BeschutWerk.Backbone.Events.Contracts.Files.SelectMany(file => file.EnumTypes.Concat(file.MessageTypes.SelectMany(message => message.EnumTypes)));
        Assert.Empty(enums.Where(type => type.FindValueByNumber(0)?.Name.EndsWith("_UNSPECIFIED", StringComparison.Ordinal) != true).Select(type => type.FullName));
    }

    [Fact]
    public void Every_write_has_a_key_that_makes_it_safe_to_repeat()
    {
        var keyless = Writes.Where(method => !FieldsOf(method.InputType).Any(field => field.Name is "request_id" or "placement_id"
            && RuleOf(field) is { Required: true, Format: Format.Uuid }));
        Assert.Empty(keyless.Select(method => method.FullName));
    }

    [Fact]
    public void Every_write_that_records_an_act_has_its_date()
    {
        var undated = Writes.Where(method => !FieldsOf(method.InputType).Any(field => field.FieldType == FieldType.Message
            && field.MessageType.FullName == Google.Type.Date.Descriptor.FullName && RuleOf(field) is { Required: true }));
        Assert.Equal(Undated.Keys.Order(), undated.Select(method => method.FullName).Order());
    }

    [Fact]
    public void A_municipality_is_the_first_field_wherever_a_request_names_one()
    {
        var requests = Methods.Select(method => method.InputType).Distinct().ToList();
        var elsewhere = requests.Where(request => request.FindFieldByName("municipality") is { } field && (field.FieldNumber != 1 || RuleOf(field)?.Format != Format.Municipality));
        Assert.Empty(elsewhere.Select(request => request.FullName));

        // What is in a municipality's store is asked for by municipality.
        string[] perMunicipality = ["CaseService", "WebhookService", "AdviceService", "PlacementService"];
        var without = Methods.Where(method => perMunicipality.Contains(method.Service.Name))
            .Where(method => method.InputType.FindFieldByName("municipality") is not { } field || RuleOf(field) is not { Required: true });
        // UWV's advisers have one work queue for the whole country.
        Assert.Equal(["beschutwerk.uwv.v1.AdviceService.ListAdviceRequests"], without.Select(method => method.FullName));
    }

    [Fact]
    public void Every_call_has_messages_of_its_own()
    {
        var messages = Methods.SelectMany(method => new[] { (method, method.InputType, Suffix: "Request"), (method, method.OutputType, Suffix: "Response") }).ToList();
        Assert.Empty(messages.Where(message => Item(message.Item2) != message.method.Name + message.Suffix).Select(message => message.Item2.FullName));
        Assert.Distinct(messages.Select(message => message.Item2.FullName));
        static string Item(MessageDescriptor message) => message.Name;
    }

    [Fact]
    public void No_event_can_hold_a_person()
    {
        string[] personal = ["bsn", "birth_date", "birthdate", "date_of_birth", "person", "citizen_name", "full_name"];
        var revealing = EventTypes.All.SelectMany(type => FieldsOf(type.Message).Select(field => (type, field)))
            .Where(found => personal.Contains(found.field.Name) || (found.field.FieldType == FieldType.Message && found.field.MessageType.FullName == Person.Descriptor.FullName));
        Assert.NotEmpty(EventTypes.All);
        Assert.Empty(revealing.Select(found => $"{found.type.Name}.{found.field.Name}"));
    }

    [Fact]
    public void No_contract_of_UWV_has_a_wage_value()
    {
        var uwv = BeschutWerk.Backbone.Events.Contracts.Files.Where(file => file.Package == "beschutwerk.uwv.v1").ToList();
        Assert.NotEmpty(uwv);
        Assert.Empty(uwv.SelectMany(file => file.MessageTypes).SelectMany(FieldsOf).Where(field => field.Name.Contains("wage", StringComparison.Ordinal) || field.Name.Contains("loonwaarde", StringComparison.Ordinal)).Select(field => field.FullName));
    }

    [Fact]
    public void No_number_is_a_fraction()
    {
        var inexact = BeschutWerk.Backbone.Events.Contracts.Files.SelectMany(file => file.MessageTypes).SelectMany(FieldsOf)
            .Where(field => field.Name.Contains("minutes", StringComparison.Ordinal) || field.Name.Contains("hours", StringComparison.Ordinal) || field.Name.EndsWith("_cents", StringComparison.Ordinal))
            .Where(field => field.FieldType is FieldType.Float or FieldType.Double);
        Assert.Empty(inexact.Select(field => field.FullName));
    }

    private static FieldRule? RuleOf(FieldDescriptor field) => field.GetOptions()?.GetExtension(RulesExtensions.Rule);

    /// <summary>The fields of a message and of the messages of ours in it.</summary>
    private static IEnumerable<FieldDescriptor> FieldsOf(MessageDescriptor message) => Walk(message, []);

    private static IEnumerable<FieldDescriptor> Walk(MessageDescriptor message, HashSet<string> seen)
    {
        if (!seen.Add(message.FullName)) yield break;
        foreach (var field in message.Fields.InFieldNumberOrder())
        {
            yield return field;
            if (field.FieldType != FieldType.Message || !field.MessageType.File.Package.StartsWith("beschutwerk.", StringComparison.Ordinal)) continue;
            foreach (var nested in Walk(field.MessageType, seen)) yield return nested;
        }
    }
}
