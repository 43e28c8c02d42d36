"""config.pbtxt as Triton reads it: by protobuf, with the fields of model_config.proto that are written here."""

from typing import Any

TYPES = (
    "TYPE_INVALID", "TYPE_BOOL", "TYPE_UINT8", "TYPE_UINT16", "TYPE_UINT32", "TYPE_UINT64", "TYPE_INT8", "TYPE_INT16",
    "TYPE_INT32", "TYPE_INT64", "TYPE_FP16", "TYPE_FP32", "TYPE_FP64", "TYPE_STRING", "TYPE_BF16",
)  # fmt: skip
STRING, INT32, INT64, ENUM, MESSAGE = 9, 5, 3, 14, 11


def parsed(text: str) -> Any:
    """The message of a text; raises ParseError for what protobuf does not take."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format

    file = descriptor_pb2.FileDescriptorProto(name="model_config.proto", package="inference", syntax="proto3")
    types = file.enum_type.add(name="DataType")
    for number, name in enumerate(TYPES):
        types.value.add(name=name, number=number)
    messages: dict[str, list[tuple[str, int, int, bool, str]]] = {
        "ModelTensorReshape": [("shape", 1, INT64, True, "")],
        "ModelInput": [
            ("name", 1, STRING, False, ""),
            ("data_type", 2, ENUM, False, "DataType"),
            ("dims", 4, INT64, True, ""),
            ("reshape", 5, MESSAGE, False, "ModelTensorReshape"),
        ],
        "ModelOutput": [
            ("name", 1, STRING, False, ""),
            ("data_type", 2, ENUM, False, "DataType"),
            ("dims", 3, INT64, True, ""),
            ("reshape", 5, MESSAGE, False, "ModelTensorReshape"),
        ],
        "ModelConfig": [
            ("name", 1, STRING, False, ""),
            ("platform", 2, STRING, False, ""),
            ("max_batch_size", 4, INT32, False, ""),
            ("input", 5, MESSAGE, True, "ModelInput"),
            ("output", 6, MESSAGE, True, "ModelOutput"),
            ("backend", 17, STRING, False, ""),
        ],
    }
    for message, fields in messages.items():
        made = file.message_type.add(name=message)
        for name, number, kind, repeated, of in fields:
            field = made.field.add(name=name, number=number, type=kind, label=3 if repeated else 1)
            if of:
                field.type_name = f".inference.{of}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    config = message_factory.GetMessageClass(pool.FindMessageTypeByName("inference.ModelConfig"))()
    return text_format.Parse(text, config)
