using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Any = Google.Protobuf.WellKnownTypes.Any;

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
        ["beschutwerk.backbone.v1.OperationsService.SettleLostEvents"] = "the same",
        ["beschutwerk.municipalities.v1.WebhookService.CreateWebhook"] = "where events are sent has no legal effect; the clock stamps it",
        ["beschutwerk.municipalities.v1.WebhookService.DeleteWebhook"] = "the same",
        ["beschutwerk.municipalities.v1.WebhookService.PauseWebhook"] = "the same",
        ["beschutwerk.municipalities.v1.WebhookService.ResumeWebhook"] = "the same",
        ["beschutwerk.municipalities.v1.WebhookService.RetryDelivery"] = "the same",
        ["beschutwerk.swcompanies.v1.PlacementService.CorrectPlacementEnd"] = "what never ended has no last day",
    };

    private static IEnumerable<MethodDescriptor> Methods =>
        ContractFiles.All.SelectMany(file => file.Services).SelectMany(service => service.Methods);

    private static IEnumerable<MethodDescriptor> Writes => Methods.Where(method => !Reads.Any(verb => method.Name.StartsWith(verb, StringComparison.Ordinal)));

    [Fact]
    public void Every_call_declares_who_may_make_it()
    {
        Assert.NotEmpty(Methods);
        Assert.Empty(Methods.Where(method => method.GetOptions()?.GetExtension(RulesExtensions.Callers) is not { Count: > 0 } callers || callers.Contains(OrganisationKind.Unspecified)).Select(method => method.FullName));
    }

    [Fact]
    public void While_a_municipality_is_suspended_a_call_serves_some_of_its_callers_and_never_the_municipality()
    {
        var served = Methods.Select(method => (Method: method, Kinds: method.GetOptions()?.GetExtension(RulesExtensions.ServedWhileSuspended) ?? []))
            .Where(rule => rule.Kinds.Count > 0).ToList();
        Assert.NotEmpty(served);
        var wrong = served.Where(rule => rule.Kinds.Contains(OrganisationKind.Municipality)
            || rule.Kinds.Except(rule.Method.GetOptions().GetExtension(RulesExtensions.Callers)).Any()
            || rule.Method.InputType.FindFieldByName("municipality") is null);
        Assert.Empty(wrong.Select(rule => rule.Method.FullName));
    }

    [Fact]
    public void Who_may_be_named_by_a_call_is_held_against_a_day_by_the_rule_of_days_of_birth()
    {
        // A new call that names a person: hold their day of birth against the first day that it is about (BirthDates), and test it.
        string[] held =
        [
            "beschutwerk.municipalities.v1.CaseService.CorrectPerson", "beschutwerk.municipalities.v1.CaseService.OpenCase",
            "beschutwerk.uwv.v1.AdviceService.RequestAdvice",
        ];
        // Takes over what Municipalities held against the days of the case.
        const string TakesOver = "beschutwerk.uwv.v1.AdviceService.CorrectPerson";
        var named = Methods.Where(method => method.InputType.Fields.InDeclarationOrder()
            .Any(field => field.FieldType == FieldType.Message && field.MessageType == Person.Descriptor));
        Assert.Equal(
            held.Append(TakesOver).Order(StringComparer.Ordinal), named.Select(method => method.FullName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_rule_stands_at_a_field_that_can_be_checked_for_it()
    {
        // Checks are made at first use, and refuse a rule that they would ignore.
        foreach (var message in ContractFiles.All.SelectMany(file => file.MessageTypes).Where(message => message.ClrType is not null))
        {
            FieldRules.Check(message.Parser.ParseFrom(ByteString.Empty), new DateOnly(2018, 6, 15));
        }
    }

    [Fact]
    public void Every_enum_begins_with_unspecified()
    {
        var enums = ContractFiles.All.SelectMany(file => file.EnumTypes.Concat(file.MessageTypes.SelectMany(message => message.EnumTypes)));
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
    public void An_event_for_one_service_is_of_the_platform_and_for_a_service_that_there_is()
    {
        var restricted = EventTypes.All.Where(type => type.OnlyService.Length > 0).ToList();
        Assert.NotEmpty(restricted);
        // A municipality's log is its own to read, by calls, webhooks and the broker: nothing may stand in it that it must not see.
        Assert.Empty(restricted.Where(type => !type.IsPlatform || !BeschutWerk.Backbone.PlatformServices.Names.Contains(type.OnlyService)).Select(type => type.Name));
    }

    [Fact]
    public void An_event_that_is_hidden_by_its_fields_names_fields_that_it_has_and_a_service_that_there_is()
    {
        var hidden = EventTypes.All.Where(type => type.OnlyServiceWhere is not null).ToList();
        Assert.Equal(["advice-requested", "advice-withdrawn", "assessment-recorded"], hidden.Select(type => type.Name).Order());
        foreach (var (type, where) in hidden.Select(type => (type, type.OnlyServiceWhere!)))
        {
            Assert.Contains(where.Service, BeschutWerk.Backbone.PlatformServices.Names);
            Assert.Empty(type.OnlyService);
            Assert.NotEmpty(where.All);
            Assert.All(where.All, one => Assert.True(type.Message.FindFieldByName(one.Field) switch
            {
                { FieldType: FieldType.Enum, IsRepeated: false } field => field.EnumType.FindValueByName(one.Value) is not null,
                { FieldType: FieldType.Bool, IsRepeated: false } => one.Value is "true" or "false",
                _ => false,
            }, $"{type.Name}.{one.Field} = {one.Value}"));
        }
    }

    [Fact]
    public void Whatever_UWV_tells_of_a_request_that_a_citizen_does_not_share_goes_by_one_rule()
    {
        // All that carries who asked, but the advice, which is for the college.
        var told = EventTypes.All.Where(type => type.Producer == "uwv" && type.Message.FindFieldByName("requester") is not null && type.Name != "advice-issued").ToList();
        Assert.NotEmpty(told);
        Assert.All(told, type =>
        {
            var (requester, shared) = (type.Message.FindFieldByName("requester"), type.Message.FindFieldByName("shared_before_advice"));
            foreach (var asks in Enum.GetValues<BeschutWerk.Contracts.Uwv.Requester>())
            {
                foreach (var isShared in new[] { false, true })
                {
                    var data = (IMessage)Activator.CreateInstance(type.Message.ClrType)!;
                    requester.Accessor.SetValue(data, asks);
                    shared.Accessor.SetValue(data, isShared);
                    var only = Audience.OnlyServiceOf(new CloudEvent { Type = type.CloudType, Data = new Any { Value = data.ToByteString() } });
                    Assert.Equal(asks == BeschutWerk.Contracts.Uwv.Requester.Citizen && !isShared ? "insight" : null, only);
                }
            }

            // What cannot be read is shown to nobody.
            Assert.Equal("insight", Audience.OnlyServiceOf(new CloudEvent { Type = type.CloudType, Data = new Any { Value = ByteString.CopyFrom(0x0a, 0x7f) } }));
        });
    }

    [Fact]
    public void No_contract_of_UWV_has_a_wage_value()
    {
        var uwv = ContractFiles.All.Where(file => file.Package == "beschutwerk.uwv.v1").ToList();
        Assert.NotEmpty(uwv);
        Assert.Empty(uwv.SelectMany(file => file.MessageTypes).SelectMany(FieldsOf).Where(field => field.Name.Contains("wage", StringComparison.Ordinal) || field.Name.Contains("loonwaarde", StringComparison.Ordinal)).Select(field => field.FullName));
    }

    [Fact]
    public void No_number_is_a_fraction()
    {
        var inexact = ContractFiles.All.SelectMany(file => file.MessageTypes).SelectMany(FieldsOf)
            .Where(field => field.Name.Contains("minutes", StringComparison.Ordinal) || field.Name.Contains("hours", StringComparison.Ordinal) || field.Name.EndsWith("_cents", StringComparison.Ordinal))
            .Where(field => field.FieldType is FieldType.Float or FieldType.Double);
        Assert.Empty(inexact.Select(field => field.FullName));
    }

    [Fact]
    public void Every_value_of_a_request_has_its_range()
    {
        FieldType[] ranged = [FieldType.String, FieldType.Enum, FieldType.Bool, FieldType.Message, FieldType.Int32, FieldType.Int64];
        var fields = Methods.Select(method => method.InputType).SelectMany(FieldsOf).Distinct().ToList();
        Assert.NotEmpty(fields);
        // Texts, dates, instants and lists have one also where nothing is said.
        Assert.Empty(fields.Where(field => field.IsMap || !ranged.Contains(field.FieldType)).Select(field => field.FullName));
        var numbers = fields.Where(field => field.FieldType is FieldType.Int32 or FieldType.Int64);
        Assert.Empty(numbers.Where(field => RuleOf(field) is not { HasMin: true, HasMax: true }).Select(field => field.FullName));
        var ofOthers = fields.Where(field => field.FieldType == FieldType.Message).Select(field => field.MessageType).Distinct()
            .Select(message => message.FullName).Where(name => !name.StartsWith("beschutwerk.", StringComparison.Ordinal));
        Assert.Equal(["google.protobuf.Timestamp", "google.type.Date"], ofOthers.Order());
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
